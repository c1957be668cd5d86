// TOPOLOGY: names.toml
// EXPECT: this pool has no blocking threads: set blocking_threads in its table
#include <md/topology.hpp>

void f() {
  md::asio_pools::net.async_blocking([] {}, [](std::exception_ptr) {});
}
