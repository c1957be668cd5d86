// TOPOLOGY: names.toml
// EXPECT: for_each_mapped: the sink cannot be called with the function's results
#include <md/topology.hpp>
#include <pinfold/for_each_mapped.hpp>
#include <string>
#include <vector>

void f(std::vector<int>& numbers) {
  (void)pinfold::for_each_mapped(
      md::native_pools::default_, numbers, [](int x) { return x; }, [](const std::string&) {});
}
