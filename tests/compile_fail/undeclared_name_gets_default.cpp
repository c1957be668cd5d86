// The warning names the name that was asked for and the pool that it gets.
// TOPOLOGY: names.toml
// EXPECT-WARNING: cruw
// EXPECT-WARNING: no native pool or alias has this name: the native pool 'default' stands in
#include <md/topology.hpp>

auto& pool = md::topology.native<"cruw">();
