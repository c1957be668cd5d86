// A fork that is dropped runs at once, in its destructor.
// TOPOLOGY: names.toml
// EXPECT-WARNING: nodiscard
#include <md/topology.hpp>

void f() {
  pinfold::fork([] { return 1; });
}
