// TOPOLOGY: blocking.toml
// EXPECT: the operation completes with (std::exception_ptr, R): R must be a default-constructible value
#include <files/topology.hpp>

int number = 0;
void f() {
  files::asio_pools::disk.async_blocking([]() -> int& { return number; }, [](std::exception_ptr, int) {});
}
