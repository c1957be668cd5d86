// [] takes a name that only one kind has.
// TOPOLOGY: names.toml
// EXPECT: pools of several kinds have this name: say which with asio<"...">(), tbb<"...">() or native<"...">()
#include <md/topology.hpp>

using namespace pinfold::literals;
auto& pool = md::topology["both"_s];
