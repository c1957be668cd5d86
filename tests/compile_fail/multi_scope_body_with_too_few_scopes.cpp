// TOPOLOGY: names.toml
// EXPECT: called with a scope for each pool
#include <md/topology.hpp>

void f() {
  pinfold::multi_scope(md::asio_pools::net, md::asio_pools::net, [](auto&) {});
}
