// undeclared = "error": the default does not stand in.
// TOPOLOGY: strict_names.toml
// EXPECT: no native pool has this name
// EXPECT: declared native pools: default, work (strict_names.toml)
#include <strict/topology.hpp>

auto& pool = strict::topology.native<"wrok">();
