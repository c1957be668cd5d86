// A fork is joined once, by who forked it.
// TOPOLOGY: names.toml
// EXPECT: forked
// EXPECT: delete
#include <md/topology.hpp>

void f() {
  auto forked = pinfold::fork([] { return 1; });
  auto copy = forked;
}
