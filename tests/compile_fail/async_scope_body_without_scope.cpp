// TOPOLOGY: names.toml
// EXPECT: the body of a scope is called with the scope: [&](auto& scope) { scope.spawn(...); }
#include <boost/asio/use_future.hpp>
#include <md/topology.hpp>

void f() {
  md::asio_pools::net.async_scope([] {}, boost::asio::use_future);
}
