// TOPOLOGY: names.toml
// EXPECT: this pool has no task workers (threads = 0): it only spawns managed threads
#include <md/topology.hpp>
#include <pinfold/compute_map.hpp>
#include <vector>

void f(std::vector<int>& numbers) {
  (void)pinfold::compute_map(md::native_pools::crew, numbers, [](int x) { return x; });
}
