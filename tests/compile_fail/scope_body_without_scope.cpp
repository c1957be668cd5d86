// TOPOLOGY: names.toml
// EXPECT: scope
// EXPECT: invocable
#include <md/topology.hpp>

void f() {
  pinfold::scope([] {});
}
