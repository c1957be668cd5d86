// TOPOLOGY: names.toml
// EXPECT: the operation completes with (std::exception_ptr, R): R must be a default-constructible value
#include <md/topology.hpp>

struct only_made_of_an_int {
  explicit only_made_of_an_int(int);
};
boost::asio::awaitable<only_made_of_an_int> coroutine();

void f() { md::asio_pools::net.spawn_async(coroutine()); }
