// The compiler's own words: names are C++ objects.
// TOPOLOGY: names.toml
// EXPECT: md::asio_pools
// EXPECT: did you mean 'net'
#include <md/topology.hpp>

auto& pool = md::asio_pools::nett;
