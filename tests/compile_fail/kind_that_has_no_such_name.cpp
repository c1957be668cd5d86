// Names are matched within a kind only.
// TOPOLOGY: strict_names.toml
// EXPECT: strict_names.toml declares no asio pools
#include <strict/topology.hpp>

auto& pool = strict::topology.asio<"work">();
