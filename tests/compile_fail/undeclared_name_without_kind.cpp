// [] has no default to stand in.
// TOPOLOGY: names.toml
// EXPECT: no pool has this name; declared pools: asio.net, asio.file, asio.both, native.default, native.both,
// native.crew (names.toml)
#include <md/topology.hpp>

using namespace pinfold::literals;
auto& pool = md::topology["nett"_s];
