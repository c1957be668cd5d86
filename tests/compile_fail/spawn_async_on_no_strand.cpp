// TOPOLOGY: names.toml
// EXPECT: several threads serve this pool, so a tracked coroutine runs on a strand of it
#include <md/topology.hpp>

boost::asio::awaitable<int, pinfold::executor> coroutine();

void f(pinfold::detail::pool_core& pool_of_several) {
  pinfold::detail::spawn_async_in<false>(pool_of_several, coroutine());
}
