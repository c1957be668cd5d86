// TOPOLOGY: names.toml
// EXPECT: no matching function for call to 'fork
#include <md/topology.hpp>

void f() {
  auto forked = pinfold::fork([](int i) { return i; });
}
