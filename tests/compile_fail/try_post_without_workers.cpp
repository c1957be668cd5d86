// TOPOLOGY: names.toml
// EXPECT: this pool has no task workers (threads = 0): it only spawns managed threads
#include <md/topology.hpp>

bool f() {
  return md::native_pools::crew.try_post([] {});
}
