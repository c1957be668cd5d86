// TOPOLOGY: names.toml
// EXPECT: compute_map: the function cannot be called with the source's items
#include <md/topology.hpp>
#include <pinfold/compute_map.hpp>
#include <string>
#include <vector>

void f(std::vector<std::string>& words) {
  (void)pinfold::compute_map(md::native_pools::default_, words, [](int x) { return x; });
}
