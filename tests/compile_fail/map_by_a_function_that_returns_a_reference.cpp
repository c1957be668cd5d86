// TOPOLOGY: names.toml
// EXPECT: compute_map: the function returns a reference: results are kept until they are delivered, return a value
#include <md/topology.hpp>
#include <pinfold/compute_map.hpp>
#include <vector>

void f(std::vector<int>& numbers) {
  (void)pinfold::compute_map(md::native_pools::default_, numbers, [](int& x) -> int& { return x; });
}
