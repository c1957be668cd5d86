// TOPOLOGY: names.toml
// EXPECT: parallel_for
// EXPECT: loop_index
#include <md/topology.hpp>

void f() {
  pinfold::parallel_for(0.0, 1.0, [](double) {});
}
