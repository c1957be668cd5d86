// What each thread of a pool has run, stolen, and how it slept; what each mode counts.
#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>

#include <pinfold/pool_ref.hpp>

#include "catch.hpp"
#include "metrics/metered_pools.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"

using namespace pinfold_test;
using pinfold::pool_stats;
using pinfold::worker_stats;
namespace asio = boost::asio;

namespace {

// Without what every mode counts.
pool_stats beyond_counts(pool_stats stats) {
  stats.accepted = stats.running = stats.finished = stats.refused = 0;
  return stats;
}

// Another worker has begun it before this one goes on.
void have_stolen(const std::atomic<bool>& begun) {
  while (!begun) {
    pinfold::fork([] {}).join();
    std::this_thread::yield();
  }
}

}  // namespace

TEMPLATE_TEST_CASE("every thread says how much it has run, in every mode and over all runs", "", PINFOLD_TEST_OFF,
                   PINFOLD_TEST_COUNTERS, PINFOLD_TEST_LATENCY) {
  auto& pool = TestType::pool();
  constexpr std::uint64_t pieces = 100;
  for (int run = 0; run < 3; ++run) {
    auto running = metrics::topology.start();
    const std::uint64_t before = run_by_threads(pool);
    CHECK(before == pool.stats().finished);
    for (std::uint64_t i = 0; i + 1 < pieces; ++i) pool.post([] {});
    pool.install([] {});
    pool.wait_idle();
    CHECK(run_by_threads(pool) - before == pieces);
    CHECK(run_by_threads(pool) == pool.stats().finished);
    running.stop();
    CHECK(run_by_threads(pool) - before == pieces);
  }
}

TEMPLATE_TEST_CASE("a thread says what it runs", "", PINFOLD_TEST_OFF, PINFOLD_TEST_COUNTERS, PINFOLD_TEST_LATENCY) {
  const auto running = metrics::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  pool.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  std::uint64_t in_gate = 0;
  for (std::size_t i = 0; i < pool.size(); ++i) in_gate += pool.worker_stats(i).running;
  CHECK(in_gate == 1);
  gate.open();
  pool.wait_idle();
}

TEMPLATE_TEST_CASE("blocking threads come after the workers", "", asio_off, asio_counters, asio_latency) {
  const auto running = metrics::topology.start();
  auto& pool = TestType::pool();
  const worker_stats worker = pool.worker_stats(0);
  const worker_stats blocking = pool.worker_stats(1);
  for (int i = 0; i < 5; ++i) pool.async_blocking([] {}, [](const std::exception_ptr&) {});
  pool.wait_idle();
  CHECK(pool.worker_stats(1).run - blocking.run == 5);
  CHECK(pool.worker_stats(0).run - worker.run == 5);  // the completions
  CHECK_THROWS_AS(pool.worker_stats(2), std::out_of_range);
  if (pool.spec.metrics == pinfold::metrics_mode::off) return;
  CHECK(eventually([&] { return pool.worker_stats(1).parks == pool.worker_stats(1).wakes + 1; }));
}

TEMPLATE_TEST_CASE("a pool without metrics counts its work and nothing else", "", PINFOLD_TEST_OFF) {
  {
    const auto running = metrics::topology.start();
    auto& pool = TestType::pool();
    held_gate gate;
    pool.post([&] { gate.wait(); });
    for (int i = 0; i < 10; ++i) pool.post([] { pass_time(std::chrono::microseconds(10)); });
    gate.open();
    pool.wait_idle();
  }
  CHECK(TestType::pool().stats().finished >= 11);
  CHECK(beyond_counts(TestType::pool().stats()) == pool_stats{});
  CHECK(TestType::pool().latency() == pinfold::latency_histogram{});
}

TEST_CASE("memory for counters is set aside in pools that have them, and in no others") {
  const auto check = []<std::size_t... I>(std::index_sequence<I...>) {
    const auto of_pool = [](const pinfold::pool_spec& spec, std::size_t counters, std::size_t latencies) {
      const std::size_t threads = spec.threads + spec.blocking_threads;
      CHECK(counters == (spec.metrics == pinfold::metrics_mode::off ? 0 : threads));
      CHECK(latencies == (spec.metrics == pinfold::metrics_mode::latency ? threads : 0));
    };
    (of_pool(metrics::tables::pools[I], pinfold::detail::counters_of_workers<metrics::tables, I>.size(),
             pinfold::detail::latencies_of_workers<metrics::tables, I>.size()),
     ...);
  };
  check(std::make_index_sequence<metrics::tables::pools.size()>());
}

TEMPLATE_TEST_CASE("the mode counters does not look at the clock", "", PINFOLD_TEST_COUNTERS) {
  {
    const auto running = metrics::topology.start();
    TestType::pool().install([] { pass_time(std::chrono::microseconds(10)); });
  }
  CHECK(TestType::pool().stats().queue_high_water != 0);
  CHECK(TestType::pool().stats().busy == std::chrono::nanoseconds(0));
  CHECK(TestType::pool().latency() == pinfold::latency_histogram{});
}

TEMPLATE_TEST_CASE("a worker of a native pool parks for want of work and wakes for it", "", native_counters,
                   native_latency) {
  auto& pool = TestType::pool();
  auto running = metrics::topology.start();
  const auto sleeps = [&] {
    const worker_stats stats = pool.worker_stats(0);
    return stats.parks == stats.wakes + 1;
  };
  for (int i = 0; i < 3; ++i) {
    REQUIRE(eventually(sleeps));
    const worker_stats asleep = pool.worker_stats(0);
    CHECK(asleep.spins != 0);  // it has looked before
    pool.install([] {});
    CHECK(pool.worker_stats(0).wakes > asleep.wakes);
    REQUIRE(eventually(sleeps));
    CHECK(pool.worker_stats(0).spins > asleep.spins);
  }
  running.stop();
  CHECK(pool.worker_stats(0).parks == pool.worker_stats(0).wakes);
  CHECK(pool.stats().parks == pool.worker_stats(0).parks);
  CHECK(pool.stats().wakes == pool.worker_stats(0).wakes);
  CHECK(pool.stats().spins == pool.worker_stats(0).spins);
}

TEST_CASE("a thread of an asio pool is seen to sleep where pinfold puts it to sleep") {
  const auto running = metrics::topology.start();
  const auto& spinning = metrics::asio_pools::spinning;
  CHECK(eventually([&] { return spinning.stats().parks == spinning.stats().wakes + 1; }));
  CHECK(spinning.stats().spins != 0);
  metrics::asio_pools::counters.install([] {});
  CHECK(metrics::asio_pools::counters.worker_stats(0).parks == 0);
}

TEST_CASE("the thief counts what it steals") {
  const auto running = metrics::topology.start();
  auto& pool = metrics::native_pools::pair;
  const pool_stats before = pool.stats();
  std::size_t owner = 0;
  std::size_t thief = 0;
  std::array<worker_stats, 2> at_first{pool.worker_stats(0), pool.worker_stats(1)};
  pool.install([&] {
    owner = *pool.this_thread_index();
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork([&] {
      thief = *pool.this_thread_index();
      begun = true;
    });
    have_stolen(begun);
    forked.join();
  });
  REQUIRE(owner != thief);
  CHECK(pool.worker_stats(thief).stolen > at_first[thief].stolen);
  pool.wait_idle();
  CHECK(pool.stats().stolen - before.stolen ==
        pool.worker_stats(0).stolen + pool.worker_stats(1).stolen - at_first[0].stolen - at_first[1].stolen);
}

TEST_CASE("forks for which there is no slot are counted by their worker") {
  const auto running = metrics::topology.start();
  auto& pool = metrics::native_pools::pair;
  const pool_stats before = pool.stats();
  std::uint64_t of_worker = 0;
  pool.install([&] {
    const std::size_t own = *pool.this_thread_index();
    const std::uint64_t at_first = pool.worker_stats(own).forked_inline;
    for (int i = 0; i < 20; ++i) pinfold::spawn([] {});  // into four slots
    of_worker = pool.worker_stats(own).forked_inline - at_first;
  });
  pool.wait_idle();
  CHECK(of_worker != 0);
  CHECK(pool.stats().forked_inline - before.forked_inline == of_worker);
  CHECK(pool.stats().forked_inline == pool.overflowed());
}

TEMPLATE_TEST_CASE("what a pool refuses is counted, in every mode", "", PINFOLD_TEST_OFF, PINFOLD_TEST_COUNTERS,
                   PINFOLD_TEST_LATENCY) {
  auto& pool = TestType::pool();
  metrics::topology.start().stop();
  const pool_stats before = pool.stats();
  CHECK_THROWS_AS(pool.post([] {}), pinfold::pool_stopped);
  CHECK_THROWS_AS(pool.install([] {}), pinfold::pool_stopped);
  CHECK_THROWS_AS(asio::post(pool.get_executor(), [] {}), pinfold::pool_stopped);
  CHECK(pool.stats().refused - before.refused == 3);
  CHECK_THROWS_AS(pool.broadcast([] {}), pinfold::pool_stopped);
  CHECK(pool.stats().refused - before.refused == 3 + pool.size());
  CHECK(pool.stats().accepted == before.accepted);
}

TEST_CASE("what try_post has no room for is refused") {
  const auto running = metrics::topology.start();
  auto& pool = metrics::native_pools::counters;
  const pool_stats before = pool.stats();
  held_gate gate;
  pool.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  while (pool.try_post([] {})) {
  }
  CHECK_FALSE(pool.try_post([] {}));
  CHECK(pool.stats().refused - before.refused == 2);
  gate.open();
  pool.wait_idle();
}

TEST_CASE("a pool that is found at run time says the same") {
  const auto running = metrics::topology.start();
  auto& pool = metrics::native_pools::latency;
  for (int i = 0; i < 10; ++i) pool.post([] {});
  pool.wait_idle();
  const pinfold::pool_ref ref(pool);
  CHECK(ref.worker_stats(0).run == pool.worker_stats(0).run);
  CHECK(ref.latency() == pool.latency());
  CHECK(ref.latency().count() != 0);
  CHECK_THROWS_AS(ref.worker_stats(1), std::out_of_range);
}

// Another thread looks all the time.
TEMPLATE_TEST_CASE("metrics that are read while the pool works fit each other", "", PINFOLD_TEST_LATENCY) {
  const auto running = metrics::topology.start();
  auto& pool = TestType::pool();
  std::atomic<bool> ends = false;
  std::uint64_t misfits = 0;
  std::jthread reader([&] {
    pool_stats last = pool.stats();
    std::uint64_t last_count = pool.latency().count();
    while (!ends) {
      const pool_stats now = pool.stats();
      const std::uint64_t count = pool.latency().count();
      misfits += now.parks < now.wakes || now.parks < last.parks || now.spins < last.spins;
      misfits += now.busy < last.busy || now.queue_high_water < last.queue_high_water || count < last_count;
      misfits += now.queue_high_water > now.accepted;
      last = now;
      last_count = count;
    }
  });
  for (std::uint64_t i = 0; i < 20'000; ++i) pool.post([] {});
  pool.wait_idle();
  ends = true;
  reader.join();
  CHECK(misfits == 0);
  CHECK(run_by_threads(pool) == pool.stats().finished);
}
