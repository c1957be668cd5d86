// A string that names no asio pool, where the kind has no default: the pools of the kind and the file are listed.
// TOPOLOGY: names.toml
// EXPECT: no asio pool has this name, and there is no asio.default to stand in; declared asio pools: net, file, both
// (names.toml)
#include <md/topology.hpp>

auto& pool = md::topology.asio<"nett">();
