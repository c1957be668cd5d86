// wait_idle() as an Asio operation, of pools and of the topology.
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <thread>

#include <single/topology.hpp>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/errors_of.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "tracking/counts.hpp"

using namespace pinfold_test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

// One pool a kind: each costs a compiler seconds.
#ifdef PINFOLD_TEST_TBB
#define WAITED_POOLS asio_one, native_two, tbb_one
#else
#define WAITED_POOLS asio_one, native_two
#endif

namespace {

template <class Pool>
void occupy(Pool& pool, held_gate& gate) {
  for (std::size_t i = 0; i < pool.size(); ++i) pool.post([&gate] { gate.wait(); });
  gate.wait_for_arrivals(pool.size());
}

bool is_pending(const std::future<void>& wait) { return wait.wait_for(20ms) == std::future_status::timeout; }

using handler = std::function<void(const std::exception_ptr&)>;

}  // namespace

TEMPLATE_TEST_CASE("an asynchronous wait_idle of an idle pool completes, but not inside the call", "", WAITED_POOLS) {
  asio::io_context own;
  const auto running = contract::topology.start();
  bool done = false;
  TestType::pool().wait_idle(asio::bind_executor(own, [&](const std::exception_ptr& error) { done = !error; }));
  CHECK_FALSE(done);
  own.run();  // the operation is outstanding work of its context
  CHECK(done);
  running.wait_idle();
}

TEMPLATE_TEST_CASE("an asynchronous wait_idle completes when all is done, and not before", "", WAITED_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  std::atomic<int> runs = 0;
  occupy(pool, gate);
  for (int i = 0; i < 100; ++i) pool.post([&] { ++runs; });
  auto first = pool.wait_idle(asio::use_future);
  auto second = pool.async_wait_idle(asio::use_future);
  CHECK(is_pending(first));
  gate.open();
  first.get();
  CHECK(runs == 100);
  second.get();
}

TEMPLATE_TEST_CASE("a coroutine in a pool awaits the end of the pool's other work", "", WAITED_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  const auto body = [&]() -> asio::awaitable<int> {
    int right = 0;
    for (int round = 1; round <= 20; ++round) {
      for (int i = 0; i < 10; ++i) pool.post([&] { ++runs; });
      co_await pool.async_wait_idle();
      right += runs == 10 * round && pool.contains_this_thread() ? 1 : 0;
      co_await pool.wait_idle(asio::use_awaitable);  // itself is no unfinished work while it waits
    }
    co_return right;
  };
  CHECK(asio::co_spawn(pool.get_executor(), body(), asio::use_future).get() == 20);
}

TEMPLATE_TEST_CASE("the completion of wait_idle runs on the handler's executor, else on the pool", "", WAITED_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  auto& other = contract::native_pools::one;
  std::atomic<int> right = 0;
  std::atomic<int> completions = 0;
  for (int i = 1; i <= 20; ++i) {
    held_gate gate;
    if (i % 2 == 0) pool.post([&] { gate.wait(); });
    pool.wait_idle([&](const std::exception_ptr&) {
      right += pool.contains_this_thread() ? 1 : 0;
      ++completions;
    });
    pool.wait_idle(asio::bind_executor(other.get_executor(), [&](const std::exception_ptr&) {
      right += other.contains_this_thread() ? 1 : 0;
      ++completions;
    }));
    gate.open();
    REQUIRE(eventually([&] { return completions == 2 * i; }));
    pool.wait_idle();  // the task has left the gate, too
  }
  CHECK(right == 40);
}

TEMPLATE_TEST_CASE("a wait_idle is one piece of work, once its turn has come", "", WAITED_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const counts_since counts(pool);
  held_gate gate;
  pool.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  auto wait = pool.wait_idle(asio::use_future);
  CHECK(counts.now().accepted == 1);
  gate.open();
  wait.get();
  pool.wait_idle();
  CHECK(counts.now() == done(2));
}

TEMPLATE_TEST_CASE("a wait_idle is cancelled at once by every type of cancellation", "", WAITED_POOLS) {
  using type = asio::cancellation_type;
  asio::io_context own;
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  occupy(pool, gate);
  for (const type kind : {type::total, type::partial, type::terminal}) {
    asio::cancellation_signal signal;
    bool aborted = false;
    bool inside = true;
    pool.wait_idle(asio::bind_cancellation_slot(
        signal.slot(),
        asio::bind_executor(own, [&](const std::exception_ptr& error) { aborted = !inside && is_aborted(error); })));
    signal.emit(type::none);
    signal.emit(kind);
    inside = false;
    own.restart();
    own.run();  // while the pool is held
    CHECK(aborted);
  }
  gate.open();
  pool.wait_idle();
}

TEMPLATE_TEST_CASE("cancellation at any moment gives each wait_idle one completion", "", WAITED_POOLS) {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  int completions = 0;
  const auto rounds = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 1'000; ++i) {
      asio::cancellation_signal signal;
      bool ended = false;
      for (int task = 0; task < 3; ++task) pool.post([] {});
      pool.wait_idle(
          asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(own, [&](const std::exception_ptr& error) {
                                         completions += !error || is_aborted(error) ? 1 : 1'000'000;
                                         ended = true;
                                       })));
      for (int spin = 0; spin < i % 50; ++spin) std::this_thread::yield();
      if (!ended) signal.emit(asio::cancellation_type::total);
      while (!ended) co_await asio::post(own, asio::use_awaitable);
      signal.emit(asio::cancellation_type::total);  // of an operation that is over
    }
  };
  asio::co_spawn(own, rounds(), asio::detached);
  own.run();
  CHECK(completions == 1'000);
}

TEMPLATE_TEST_CASE("Asio's operators put a time limit on wait_idle", "", WAITED_POOLS) {
  using namespace asio::experimental::awaitable_operators;
  asio::io_context own;
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  occupy(pool, gate);
  bool timed_out = false;
  const auto limited = [&]() -> asio::awaitable<void> {
    asio::steady_timer limit(own, 5ms);
    const auto first = co_await (pool.wait_idle(asio::use_awaitable) || limit.async_wait(asio::use_awaitable));
    timed_out = first.index() == 1;
  };
  asio::co_spawn(own, limited(), asio::detached);
  own.run();
  gate.open();
  CHECK(timed_out);
}

TEMPLATE_TEST_CASE("wait_idle of a pool that does not run completes on an executor that does", "", WAITED_POOLS) {
  asio::io_context own;
  bool done = false;
  const handler note = [&](const std::exception_ptr& error) { done = !error; };
  TestType::pool().wait_idle(asio::bind_executor(own, note));
  own.run();
  CHECK(done);
  CHECK_THROWS_AS(TestType::pool().wait_idle(note), pinfold::pool_stopped);  // nothing runs its completion
}

TEMPLATE_TEST_CASE("a stop waits for who waits for the pool to be idle, and runs the completion", "", WAITED_POOLS) {
  for (int round = 0; round < 20; ++round) {
    auto running = contract::topology.start();
    auto& pool = TestType::pool();
    std::atomic<int> completed = 0;
    std::atomic<bool> went_on = false;
    held_gate gate;
    pool.post([&] { gate.wait(); });
    const handler count = [&](const std::exception_ptr& error) { completed += error ? 0 : 1; };
    pool.wait_idle(count);
    pool.wait_idle(asio::bind_executor(contract::native_pools::one.get_executor(), count));
    running.wait_idle(asio::bind_executor(contract::asio_pools::two.get_executor(), count));
    const auto body = [&]() -> asio::awaitable<void> {
      co_await pool.async_wait_idle();
      co_await contract::native_pools::two.async_invoke([&] { ++completed; });  // accepted work goes on
      went_on = true;
    };
    asio::co_spawn(pool.get_executor(), body(), asio::detached);
    gate.wait_for_arrivals(1);
    std::jthread stopper([&] { running.stop(); });
    REQUIRE(eventually([&] { return contract::native_pools::one.is_idle(); }));
    pool.wait_idle(count);  // also one that comes while it stops, if that is not over: nobody hangs
    gate.open();
    stopper.join();
    CHECK(completed == 5);
    CHECK(went_on);
  }
}

TEMPLATE_TEST_CASE("what is cancelled from outside while the topology drains completes on its pools", "",
                   WAITED_POOLS) {
  auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  occupy(pool, gate);
  std::atomic<int> aborted = 0;
  asio::cancellation_signal signals[3];
  const auto home = contract::native_pools::one.get_executor();
  const auto bound = [&](int which) {
    return asio::bind_cancellation_slot(
        signals[which].slot(),
        asio::bind_executor(home, handler([&](const std::exception_ptr& error) { aborted += is_aborted(error); })));
  };
  pool.wait_idle(bound(0));
  running.wait_idle(bound(1));
  pool.async_invoke([] {}, bound(2));
  running.request_stop();
  for (auto& signal : signals) signal.emit(asio::cancellation_type::terminal);
  CHECK(eventually([&] { return aborted == 3; }));  // while the pool is held
  gate.open();
  running.stop();
  CHECK(aborted == 3);
}

TEST_CASE("the topology's asynchronous wait_idle waits for work that goes from pool to pool") {
  const auto running = contract::topology.start();
  std::atomic<int> hops = 0;
  held_gate gate;
  const auto hop = [&](auto& self, int left) -> void {
    if (++hops == 1) gate.wait();
    if (left == 0) return;
    if (left % 2 == 0) {
      contract::asio_pools::apart.post([&self, left] { self(self, left - 1); });
    } else {
      contract::native_pools::one.post([&self, left] { self(self, left - 1); });
    }
  };
  contract::native_pools::two.post([&] { hop(hop, 500); });
  auto wait = running.wait_idle(asio::use_future);
  CHECK(is_pending(wait));
  gate.open();
  wait.get();
  CHECK(hops == 501);
}

TEST_CASE("a coroutine of the topology awaits that the topology is idle") {
  const auto running = contract::topology.start();
  std::atomic<int> runs = 0;
  const auto body = [&]() -> asio::awaitable<int> {
    int right = 0;
    for (int round = 1; round <= 20; ++round) {
      for (int i = 0; i < 5; ++i) {
        contract::native_pools::two.post([&] { contract::asio_pools::apart.post([&] { ++runs; }); });
      }
      co_await running.async_wait_idle();
      right += runs == 5 * round && contract::asio_pools::two.contains_this_thread() ? 1 : 0;
    }
    co_return right;
  };
  CHECK(asio::co_spawn(contract::asio_pools::two.get_executor(), body(), asio::use_future).get() == 20);
}

TEST_CASE("the topology's wait_idle after its stop completes at once") {
  asio::io_context own;
  auto running = single::topology.start();
  running.stop();
  bool done = false;
  running.wait_idle(asio::bind_executor(own, [&](const std::exception_ptr& error) { done = !error; }));
  own.run();
  CHECK(done);
  const auto moved = std::move(running);
  CHECK_THROWS_AS(running.wait_idle(asio::detached), std::logic_error);  // NOLINT(bugprone-use-after-move)
}
