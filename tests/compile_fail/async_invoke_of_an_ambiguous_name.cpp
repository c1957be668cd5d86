// TOPOLOGY: names.toml
// EXPECT: pools of several kinds have this name: say which with asio<"...">(), tbb<"...">() or native<"...">()
#include <md/topology.hpp>

void f() {
  md::topology.async_invoke<"both">([] {});
}
