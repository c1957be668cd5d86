// TOPOLOGY: names.toml
// EXPECT: this pool has no managed threads: set max_threads in its table
#include <md/topology.hpp>

void f() {
  (void)md::native_pools::both.spawn_thread("name", [] {});
}
