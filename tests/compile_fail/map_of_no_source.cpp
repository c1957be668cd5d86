// TOPOLOGY: names.toml
// EXPECT: compute_map: this is no source: it takes a range, an Asio channel of void(error_code, T)
#include <md/topology.hpp>
#include <pinfold/compute_map.hpp>

void f() {
  (void)pinfold::compute_map(md::native_pools::default_, 5, [](int x) { return x; });
}
