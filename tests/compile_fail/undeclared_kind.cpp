// A kind that the topology does not use.
// TOPOLOGY: names.toml
// EXPECT: names.toml declares no tbb pools
#include <md/topology.hpp>

auto& pool = md::topology.tbb<"verify">();
