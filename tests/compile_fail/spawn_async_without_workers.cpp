// TOPOLOGY: names.toml
// EXPECT: this pool has no task workers (threads = 0): it only spawns managed threads
#include <md/topology.hpp>

boost::asio::awaitable<void> coroutine();

void f() { md::native_pools::crew.spawn_async(coroutine()); }
