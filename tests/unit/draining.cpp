// Stop runs everything that was accepted, and what that submits.
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

TEMPLATE_TEST_CASE("stop runs everything that was accepted before it", "", PINFOLD_TEST_POOLS) {
  for (int round = 0; round < 10; ++round) {
    auto running = contract::topology.start();
    std::atomic<int> runs = 0;
    for (int i = 0; i < 500; ++i) TestType::pool().post([&] { ++runs; });
    running.stop();
    REQUIRE(runs == 500);
  }
}

TEMPLATE_TEST_CASE("work that accepted work posts while the topology stops is run too", "", PINFOLD_TEST_POOLS) {
  for (int round = 0; round < 10; ++round) {
    auto running = contract::topology.start();
    auto& pool = TestType::pool();
    std::atomic<int> runs = 0;
    const auto chain = [&](auto& self, int left) -> void {
      ++runs;
      if (left > 0) pool.post([&self, left] { self(self, left - 1); });
    };
    pool.post([&] { chain(chain, 200); });
    running.stop();
    REQUIRE(runs == 201);
  }
}

TEMPLATE_TEST_CASE("a coroutine that only runs on the pool finishes before the stop does", "", PINFOLD_TEST_POOLS) {
  auto running = contract::topology.start();
  std::atomic<int> steps = 0;
  const auto body = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 50; ++i) {
      ++steps;
      co_await asio::post(TestType::pool().get_executor(), asio::use_awaitable);
    }
  };
  asio::co_spawn(TestType::pool().get_executor(), body(), asio::detached);
  running.stop();
  CHECK(steps == 50);
}

TEST_CASE("chains of work across pools of every kind end before the stop does") {
  for (int round = 0; round < 20; ++round) {
    auto running = contract::topology.start();
    std::atomic<int> ends = 0;
    for (int chain = 0; chain < 50; ++chain) {
      contract::native_pools::two.post([&] {
#ifdef PINFOLD_TEST_TBB
        contract::tbb_pools::two.post([&] {
#else
        contract::native_pools::one.post([&] {
#endif
          contract::asio_pools::apart.post(
              [&] { contract::native_pools::one.post([&] { contract::asio_pools::two.post([&] { ++ends; }); }); });
        });
      });
    }
    running.stop();
    REQUIRE(ends == 50);
  }
}

TEST_CASE("installs and broadcasts between pools that stop are answered") {
  for (int round = 0; round < 20; ++round) {
    auto running = contract::topology.start();
    std::atomic<std::size_t> ends = 0;
    for (int i = 0; i < 20; ++i) {
      contract::native_pools::two.post([&] {
        ends += contract::asio_pools::two.install([] { return std::size_t{1}; });
        ends += contract::native_pools::one.broadcast([] {}).size();
      });
    }
    running.stop();
    REQUIRE(ends == 40);
  }
}

TEMPLATE_TEST_CASE("after request_stop the outside is refused and accepted work goes on", "", PINFOLD_TEST_POOLS) {
  auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  std::atomic<int> runs = 0;
  pool.post([&] {
    gate.wait();
    pool.post([&] { ++runs; });
    contract::native_pools::one.post([&] { ++runs; });
  });
  gate.wait_for_arrivals(1);

  running.request_stop();
  CHECK(contains(message_of<pinfold::pool_stopped>([&] { pool.post([] {}); }),
                 "or stops and takes new work only from work it accepted before"));
  gate.open();
  running.stop();

  CHECK(runs == 2);
}

TEST_CASE("a managed thread may submit until it ends, and the stop waits for it") {
  auto running = contract::topology.start();
  std::atomic<int> runs = 0;
  auto thread = contract::native_pools::two.spawn_thread("submits", [&](const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
    for (int i = 0; i < 100; ++i) contract::asio_pools::one.post([&] { ++runs; });
    contract::native_pools::one.install([&] { ++runs; });
  });
  running.stop();
  thread.join();
  CHECK(runs == 101);
}

TEST_CASE("an async_invoke that is cancelled from outside while its topology stops completes") {
  auto running = contract::topology.start();
  auto& pool = contract::native_pools::one;
  held_gate gate;
  pool.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  std::atomic<bool> completed = false;
  asio::cancellation_signal signal;
  pool.async_invoke(
      [] {}, asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(contract::asio_pools::one.get_executor(),
                                                                             [&](const std::exception_ptr& error) {
                                                                               completed = error != nullptr;
                                                                             })));
  running.request_stop();
  signal.emit(asio::cancellation_type::total);
  gate.open();
  running.stop();
  CHECK(completed);
}
