// Each worker runs a copy.
// TOPOLOGY: names.toml
// EXPECT: spawn_broadcast
// EXPECT: copy_constructible
#include <memory>

#include <md/topology.hpp>

void f() {
  md::native_pools::both.spawn_broadcast([only = std::make_unique<int>(1)] {});
}
