// How long tasks waited, and how long threads were busy. All bounds are times that the test itself has seen pass.
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <thread>

#include "catch.hpp"
#include "metrics/metered_pools.hpp"
#include "support/held_gate.hpp"

using namespace pinfold_test;
using clock_type = std::chrono::steady_clock;
using std::chrono::nanoseconds;
namespace asio = boost::asio;

TEMPLATE_TEST_CASE("the wait of each piece of work is recorded once", "", PINFOLD_TEST_LATENCY) {
  const auto running = metrics::topology.start();
  auto& pool = TestType::pool();
  const auto recorded_by = [&](auto&& use) {
    const std::uint64_t count = pool.latency().count();
    const std::uint64_t finished = pool.stats().finished;
    use();
    pool.wait_idle();
    const std::uint64_t recorded = pool.latency().count() - count;
    CHECK(recorded == pool.stats().finished - finished);
    return recorded;
  };
  CHECK(recorded_by([&] {
          for (int i = 0; i < 100; ++i) pool.post([] {});
        }) == 100);
  CHECK(recorded_by([&] { pool.install([] {}); }) == 1);
  CHECK(recorded_by([&] { pool.install([&] { pool.post([] {}); }); }) == 2);
  CHECK(recorded_by([&] { asio::post(pool.get_executor(), [] {}); }) == 1);
  CHECK(recorded_by([&] { pool.broadcast([] {}); }) == pool.size());
  CHECK(recorded_by([&] { pool.async_invoke([] {}, asio::use_future).get(); }) == 1);
  CHECK(recorded_by([&] { pool.scope([](auto& scope) { scope.spawn([] {}); }); }) == 1);
  CHECK(recorded_by([&] { pool.async_wait_idle([](const std::exception_ptr&) {}); }) == 1);
}

TEST_CASE("what waits for a blocking thread or for room in the queue is recorded, too") {
  const auto running = metrics::topology.start();
  auto& files = metrics::asio_pools::latency;
  const std::uint64_t of_files = files.latency().count();
  files.async_blocking([] {}, [](const std::exception_ptr&) {});
  files.wait_idle();
  CHECK(files.latency().count() - of_files == 2);  // and the completion

  auto& pool = metrics::native_pools::latency;
  const std::uint64_t before = pool.latency().count();
  CHECK(pool.try_post([] {}));
  pool.spawn_broadcast([] {});
  pool.spawn([] {});
  pool.spawn_future([] {}).get();
  pool.wait_idle();
  CHECK(pool.latency().count() - before == 4);
}

TEST_CASE("what a native worker spawns on its own stack waits in no queue") {
  const auto running = metrics::topology.start();
  auto& pool = metrics::native_pools::latency;
  const std::uint64_t before = pool.latency().count();
  pool.install([] {
    for (int i = 0; i < 5; ++i) pinfold::spawn([] {});
  });
  pool.wait_idle();
  CHECK(pool.latency().count() - before == 1);
}

TEMPLATE_TEST_CASE("a task that is held back is seen to have waited as long", "", PINFOLD_TEST_LATENCY) {
  const auto running = metrics::topology.start();
  auto& pool = TestType::pool();
  const pinfold::latency_histogram before = pool.latency();
  held_gate gate;
  const auto begin = clock_type::now();
  for (std::size_t i = 0; i < pool.size(); ++i) pool.post([&] { gate.wait(); });
  gate.wait_for_arrivals(pool.size());
  pool.post([] {});
  // Longer than what earlier tests have made it wait.
  const nanoseconds waited = pass_time(before.max() + std::chrono::milliseconds(3));
  gate.open();
  pool.wait_idle();
  const nanoseconds most = clock_type::now() - begin;

  const pinfold::latency_histogram after = pool.latency();
  CHECK(after.max() >= waited);
  CHECK(after.max() <= most);
  CHECK(after.quantile(1) == after.max());
  CHECK(after.sum() - before.sum() >= waited);
  CHECK(after.sum() - before.sum() <= most * (pool.size() + 1));
}

TEMPLATE_TEST_CASE("a thread is busy from the begin of a task to its end", "", PINFOLD_TEST_LATENCY) {
  const auto running = metrics::topology.start();
  auto& pool = TestType::pool();
  const nanoseconds before = pool.stats().busy;
  const auto begin = clock_type::now();
  nanoseconds worked{};
  for (int i = 0; i < 3; ++i) {
    pool.post([&] { worked += pass_time(); });
    pool.wait_idle();
  }
  const nanoseconds most = clock_type::now() - begin;
  CHECK(pool.stats().busy - before >= worked);
  CHECK(pool.stats().busy - before <= most);
}

TEST_CASE("what a thread runs while a task waits does not make it busier") {
  const auto running = metrics::topology.start();
  auto& pool = metrics::native_pools::latency;
  const nanoseconds before = pool.stats().busy;
  const auto begin = clock_type::now();
  nanoseconds inner{};
  pool.post([&] { metrics::native_pools::off.install([&] { pool.install([&] { inner = pass_time(); }); }); });
  pool.wait_idle();
  const nanoseconds most = clock_type::now() - begin;
  CHECK(pool.stats().busy - before >= inner);
  CHECK(pool.stats().busy - before <= most);
}

TEST_CASE("a task that goes on after a spawn for which there was no slot goes on being busy") {
  const auto running = metrics::topology.start();
  auto& pool = metrics::native_pools::pair;
  const nanoseconds before = pool.stats().busy;
  nanoseconds after_spawns{};
  pool.install([&] {
    for (int i = 0; i < 20; ++i) pool.post([] {});
    for (int i = 0; i < 20; ++i) pinfold::spawn([] {});  // into four slots
    after_spawns = pass_time();
  });
  pool.wait_idle();
  CHECK(pool.stats().busy - before >= after_spawns);
}

TEST_CASE("a thread that serves the context of a pool without metrics records nothing of that pool's tasks") {
  const auto running = metrics::topology.start();
  auto& guest = metrics::native_pools::latency;
  const std::uint64_t before = guest.latency().count();
  held_gate gate;
  auto& host = metrics::asio_pools::off;
  host.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  std::atomic<bool> ran = false;
  host.post([&] { ran = true; });
  guest.install([&] { host.context().poll(); });
  gate.open();
  host.wait_idle();
  CHECK(ran);
  CHECK(guest.latency().count() - before == 1);  // the install
}

TEST_CASE("who has stolen a part of a task is busy as well") {
  const auto running = metrics::topology.start();
  auto& pool = metrics::native_pools::pair;
  const nanoseconds before = pool.stats().busy;
  nanoseconds of_thief{};
  nanoseconds of_owner{};
  pool.install([&] {
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork([&] {
      begun = true;
      of_thief = pass_time();
    });
    while (!begun) pinfold::fork([] {}).join();
    of_owner = pass_time();
    forked.join();
  });
  pool.wait_idle();
  CHECK(pool.stats().busy - before >= of_thief + of_owner);
}

TEST_CASE("waits are recorded over all runs") {
  auto& pool = metrics::native_pools::latency;
  const std::uint64_t before = pool.latency().count();
  for (int run = 0; run < 3; ++run) {
    const auto running = metrics::topology.start();
    pool.install([] {});
  }
  CHECK(pool.latency().count() - before == 3);
}
