// A pool is one object.
// TOPOLOGY: names.toml
// EXPECT: asio_pool
// EXPECT: delete
#include <md/topology.hpp>

auto copy = md::asio_pools::net;
