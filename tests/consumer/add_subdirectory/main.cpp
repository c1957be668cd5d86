// A parent project's program: exits with 0 if work ran on the pool.
#include <layout/topology.hpp>

int main() {
  auto running = layout::topology.start();
  const bool inside =
      layout::native_pools::work.install([] { return layout::native_pools::work.contains_this_thread(); });
  return inside ? 0 : 1;
}
