// Uses asio and native pools in every way, and ends with the number of wrong answers: also as a fully static program,
// where a weak symbol that is missing shows only when it is called.
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdio>
#include <stdexcept>

#include <reactors/topology.hpp>
#include <single/topology.hpp>

namespace asio = boost::asio;

namespace {

int wrong = 0;

void expect(bool condition, const char* what) {
  if (condition) return;
  std::printf("wrong: %s\n", what);
  ++wrong;
}

asio::awaitable<int> sleep_and_read() {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::microseconds(100));
  co_await timer.async_wait(asio::use_awaitable);
  co_return co_await reactors::asio_pools::files.async_blocking([] { return 7; }, asio::use_awaitable);
}

template <class Pool>
void use(Pool& pool) {
  std::atomic<std::size_t> runs = 0;
  for (int i = 0; i < 100; ++i) pool.post([&] { ++runs; });
  pool.wait_idle();
  pool.broadcast([&] { ++runs; });
  pool.scope([&](auto& scope) { scope.spawn([&] { ++runs; }); });
  pinfold::multi_scope(pool, pinfold::pool_ref(pool), [&](auto& typed, auto& any) {
    typed.spawn([&] { ++runs; });
    any.spawn([&] { ++runs; });
  });
  pool.async_scope([&](auto& scope) { scope.spawn([&] { ++runs; }); }, asio::use_future).get();
  expect(runs == 104 + pool.size(), "posts, broadcast and scopes");
  try {
    pool.install([] { throw std::runtime_error("thrown"); });
    expect(false, "the exception of an install");
  } catch (const std::runtime_error&) {
  }
}

}  // namespace

int main() {
  for (int round = 0; round < 2; ++round) {
    auto running = reactors::topology.start();
    const auto beside = single::topology.start();
    reactors::topology.for_each([](auto& pool) { use(pool); });
    single::topology.for_each([](auto& pool) { use(pool); });
    auto answer = asio::co_spawn(reactors::asio_pools::shared.context(), sleep_and_read(), asio::use_future);
    expect(answer.get() == 7, "the coroutine's answer");
    running.stop();
  }
  return wrong;
}
