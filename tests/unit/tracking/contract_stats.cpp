// stats(): what was accepted, runs and has finished, exactly and each piece once.
#include <atomic>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdint>
#include <exception>
#include <thread>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/held_gate.hpp"
#include "tracking/counts.hpp"

using namespace pinfold_test;
using pinfold::pool_stats;
namespace asio = boost::asio;

// Once every worker is in the gate, `waiting` more wait.
TEMPLATE_TEST_CASE("stats says how much waits, runs and has finished", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const counts_since counts(pool);
  held_gate gate;

  for (std::size_t i = 0; i < pool.size(); ++i) pool.post([&] { gate.wait(); });
  gate.wait_for_arrivals(pool.size());
  CHECK(counts.now() == pool_stats{.accepted = pool.size(), .running = pool.size(), .finished = 0});
  for (int i = 0; i < 7; ++i) pool.post([] {});
  CHECK(counts.now() == pool_stats{.accepted = pool.size() + 7, .running = pool.size(), .finished = 0});
  CHECK(counts.now().waiting() == 7);
  gate.open();
  pool.wait_idle();

  CHECK(counts.now() == done(pool.size() + 7));
}

TEMPLATE_TEST_CASE("each way to give a pool work counts once", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const auto count_of = [&](auto&& use) {
    const counts_since counts(pool);
    use();
    pool.wait_idle();
    CHECK(counts.now().running == 0);
    CHECK(counts.now().finished == counts.now().accepted);
    return counts.now().accepted;
  };

  CHECK(count_of([&] { pool.post([] {}); }) == 1);
  CHECK(count_of([&] { pool.install([] {}); }) == 1);
  CHECK(count_of([&] { pool.install([&] { pool.install([] {}); }); }) == 1);  // the inner one is a plain call
  CHECK(count_of([&] { pool.install([&] { pool.post([] {}); }); }) == 2);
  CHECK(count_of([&] { asio::post(pool.get_executor(), [] {}); }) == 1);
  CHECK(count_of([&] { pool.broadcast([] {}); }) == pool.size());
  CHECK(count_of([&] { pool.install([&] { pool.broadcast([] {}); }); }) == pool.size());  // its own part is a call
  CHECK(count_of([&] { pool.async_invoke([] {}, asio::use_future).get(); }) == 1);
  CHECK(count_of([&] { pool.async_invoke([] {}, [](const std::exception_ptr&) {}); }) == 1);
}

TEMPLATE_TEST_CASE("a completion that is handed to a pool counts there", "", asio_one, native_two) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  auto& home = contract::native_pools::one;
  const counts_since counts(pool);
  const counts_since home_counts(home);
  pool.async_invoke([] {}, asio::bind_executor(home.get_executor(), [](const std::exception_ptr&) {}));
  running.wait_idle();
  CHECK(counts.now() == done(1));
  CHECK(home_counts.now() == done(1));

  asio::io_context own;
  pool.async_invoke([] {}, asio::bind_executor(own, [](const std::exception_ptr&) {}));
  own.run();
  running.wait_idle();
  CHECK(counts.now() == done(2));
  CHECK(home_counts.now() == done(1));
}

TEMPLATE_TEST_CASE("what a pool refuses is in none of its counts", "", PINFOLD_TEST_POOLS) {
  auto& pool = TestType::pool();
  contract::topology.start().stop();
  const counts_since counts(pool);
  CHECK_THROWS_AS(pool.post([] {}), pinfold::pool_stopped);
  CHECK_THROWS_AS(pool.broadcast([] {}), pinfold::pool_stopped);
  CHECK(counts.now() == done(0));

  auto running = contract::topology.start();
  running.request_stop();
  CHECK_THROWS_AS(pool.install([] {}), pinfold::pool_stopped);
  CHECK(counts.now() == done(0));
}

TEMPLATE_TEST_CASE("an exception ends a piece of work like any other", "", PINFOLD_TEST_POOLS) {
  pinfold::start_options options;
  options.on_exception = [](const pinfold::escaped_exception&) {};
  const auto running = contract::topology.start(options);
  auto& pool = TestType::pool();
  const counts_since counts(pool);
  pool.post([] { throw 1; });
  CHECK_THROWS_AS(pool.install([] { throw 2; }), int);
  pool.wait_idle();
  CHECK(counts.now() == done(2));
}

// Another thread looks all the time.
TEMPLATE_TEST_CASE("counts that are read while the pool works fit each other", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const counts_since counts(pool);
  std::atomic<bool> ends = false;
  std::uint64_t misfits = 0;
  std::jthread reader([&] {
    pool_stats last = counts.now();
    while (!ends) {
      const pool_stats now = counts.now();
      misfits += now.running + now.finished > now.accepted || now.running > pool.size();
      misfits += now.finished < last.finished || now.accepted < last.accepted;
      last = now;
    }
  });
  constexpr std::uint64_t pieces = 20'000;
  for (std::uint64_t i = 0; i < pieces; ++i) pool.post([] {});
  pool.wait_idle();
  CHECK(counts.now() == done(pieces));
  ends = true;
  reader.join();
  CHECK(misfits == 0);
}
