// A fork stays where it was made: joins are in reverse order of the forks.
// TOPOLOGY: names.toml
// EXPECT: forked
// EXPECT: delete
#include <md/topology.hpp>

void f() {
  auto forked = pinfold::fork([] { return 1; });
  auto moved = std::move(forked);
}
