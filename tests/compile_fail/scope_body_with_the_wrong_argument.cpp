// TOPOLOGY: names.toml
// EXPECT: the body of a scope is called with the scope: [&](auto& scope) { scope.spawn(...); }
#include <md/topology.hpp>

void f() {
  md::asio_pools::net.scope([](int&) {});
}
