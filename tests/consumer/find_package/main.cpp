// A user's program with a pool of each kind: exits with 0 if work ran on all of them.
#include <layout/topology.hpp>

int main() {
  auto running = layout::topology.start();
  int ran = 0;
  layout::topology.for_each(
      [&](auto& pool) { ran += pool.install([&] { return pool.contains_this_thread() ? 1 : 0; }); });
  return ran == 3 ? 0 : 1;
}
