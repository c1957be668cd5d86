// TOPOLOGY: names.toml
// EXPECT: this pool has no task workers (threads = 0): it only spawns managed threads
#include <md/topology.hpp>

void f() { md::native_pools::crew.async_wait_idle(); }
