// TOPOLOGY: names.toml
// EXPECT: no pool has this name; declared pools: asio.net, asio.file, asio.both, native.default, native.both,
// native.crew (names.toml)
#include <md/topology.hpp>

void f() {
  md::async_invoke<"nett">([] {});
}
