// TOPOLOGY: names.toml
// EXPECT: spawn_async
// EXPECT: coroutine_function
#include <md/topology.hpp>

void f() {
  md::asio_pools::net.spawn_async([] { return 1; });
}
