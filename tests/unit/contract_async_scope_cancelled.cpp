// async_scope() that is cancelled: what has begun and borrows is waited for, the rest is dropped.
#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "catch.hpp"
#include "support/async_scopes.hpp"
#include "support/errors_of.hpp"
#include "support/held_gate.hpp"
#include "support/pools_at_run_time.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;
using pinfold::pool_ref;
using pinfold::pool_scope;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int rounds = 300;
#else
constexpr int rounds = 2'000;
#endif

// Returns when the scope is cancelled.
template <class Scope>
void wait_for_cancellation(const Scope& scope) {
  while (!scope.is_cancelled()) std::this_thread::yield();
}

}  // namespace

TEMPLATE_TEST_CASE("a cancelled scope completes when what has begun and borrows has ended, with operation_aborted", "",
                   PINFOLD_TEST_ASYNC_SCOPE_POOLS) {
  using namespace asio::experimental::awaitable_operators;
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  int right = 0;
  const auto coroutine = [&]() -> asio::awaitable<void> {
    for (int round = 0; round < 5; ++round) {
      held_gate begun;
      lent borrowed;
      asio::cancellation_signal signal;
      std::optional<std::exception_ptr> ended;
      pool.async_scope(
          [&](auto& scope) {
            scope.spawn([&](auto& same) {
              wait_for_cancellation(same);
              for (int i = 0; i < 20; ++i) std::this_thread::yield();
              borrowed.use();
            });
            begun.wait();
            wait_for_cancellation(scope);
            scope.spawn([&] { right = -1'000; });
            borrowed.use();
          },
          asio::bind_cancellation_slot(
              signal.slot(), asio::bind_executor(own, [&](const std::exception_ptr& error) { ended = error; })));
      begun.wait_for_arrivals(1);
      begun.open();
      signal.emit(asio::cancellation_type::total);  // cannot be had any more
      co_await asio::post(own, asio::use_awaitable);
      right += ended ? 0 : 1;
      signal.emit(asio::cancellation_type::terminal);
      while (!ended) co_await asio::post(own, asio::use_awaitable);
      right += is_aborted(*ended) ? 1 : 0;
      right += borrowed.right_uses() >= 1 ? 1 : 0;
    }
  };
  asio::co_spawn(own, coroutine(), asio::detached);
  own.run();
  CHECK(right == 15);
}

TEST_CASE("Asio's operators put a time limit on a scope, and its borrowed work has ended when they go on") {
  using namespace asio::experimental::awaitable_operators;
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    bool right = false;
    const auto limited = [&]() -> asio::awaitable<void> {
      bool begun = false;  // on a machine that is busy it may not have
      int borrowed = 0;
      asio::steady_timer limit(own, std::chrono::milliseconds(20));
      const auto first = co_await (pool.async_scope(
                                       [&](pool_scope& scope) {
                                         begun = true;
                                         wait_for_cancellation(scope);
                                         borrowed = 1;
                                       },
                                       asio::use_awaitable) ||
                                   limit.async_wait(asio::use_awaitable));
      right = first.index() == 1 && (borrowed == 1) == begun;
    };
    asio::co_spawn(own, limited(), asio::detached);
    own.restart();
    own.run();
    CHECK(right);
  }
}

TEST_CASE("tasks of a cancelled scope that have not begun are dropped with what they captured") {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_of_one_thread()) {
    INFO(pool.qualified_name());
    const auto held = std::make_shared<int>();
    std::atomic<int> runs = 0;
    held_gate begun;
    asio::cancellation_signal signal;
    std::exception_ptr seen;
    long left = -1;
    pool.async_scope(
        [&](pool_scope& scope) {
          for (int i = 0; i < 100; ++i) scope.spawn([&runs, held] { ++runs; });
          begun.wait();
          wait_for_cancellation(scope);
        },
        asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(own, [&](const std::exception_ptr& error) {
                                       seen = error;
                                       left = held.use_count();
                                     })));
    begun.wait_for_arrivals(1);
    signal.emit(asio::cancellation_type::partial);
    begun.open();
    own.restart();
    own.run();
    CHECK(is_aborted(seen));
    CHECK(runs == 0);
    CHECK(left == 1);
  }
}

TEST_CASE("a scope that waits in the queue is cancelled at once, and its body never runs") {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_of_one_thread()) {
    INFO(pool.qualified_name());
    held_gate gate;
    pool.post([&] { gate.wait(); });
    gate.wait_for_arrivals(1);
    bool ran = false;
    asio::cancellation_signal signal;
    std::exception_ptr seen;
    pool.async_scope([&](pool_scope&) { ran = true; },
                     asio::bind_cancellation_slot(
                         signal.slot(), asio::bind_executor(own, [&](const std::exception_ptr& e) { seen = e; })));
    signal.emit(asio::cancellation_type::total);
    CHECK_FALSE(seen);  // not inside emit
    own.restart();
    own.run();  // while the pool is held
    CHECK(is_aborted(seen));
    gate.open();
    running.wait_idle();
    CHECK_FALSE(ran);
  }
}

TEST_CASE("an exception of a cancelled scope's work is not lost: it completes with that") {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    asio::cancellation_signal signal;
    std::exception_ptr seen;
    held_gate begun;
    pool.async_scope(
        [&](pool_scope& scope) {
          begun.wait();
          wait_for_cancellation(scope);
          throw std::runtime_error("on the way out");
        },
        asio::bind_cancellation_slot(signal.slot(),
                                     asio::bind_executor(own, [&](const std::exception_ptr& e) { seen = e; })));
    begun.wait_for_arrivals(1);
    signal.emit(asio::cancellation_type::terminal);
    begun.open();
    own.restart();
    own.run();
    CHECK(message_in(seen) == "on the way out");
  }
}

TEST_CASE("a scope that cancels itself completes with what its body returned") {
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    std::atomic<int> runs = 0;
    CHECK(pool.async_scope(
                  [&](pool_scope& scope) {
                    scope.cancel();
                    scope.spawn([&] { ++runs; });
                    return 5;
                  },
                  asio::use_future)
              .get() == 5);
    CHECK(runs == 0);
  }
}

TEST_CASE("cancellation at any moment gives each scope one completion, after its tasks") {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    int wrong = 0;
    int completions = 0;
    const auto coroutine = [&]() -> asio::awaitable<void> {
      for (int i = 0; i < rounds; ++i) {
        asio::cancellation_signal signal;
        std::atomic<int> inside = 0;
        bool ended = false;
        pool.async_scope(
            [&](pool_scope& scope) {
              ++inside;
              for (int task = 0; task < 4; ++task) {
                scope.spawn([&] {
                  ++inside;
                  --inside;
                });
              }
              --inside;
            },
            asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(own, [&](const std::exception_ptr& error) {
                                           wrong += inside != 0 || (error && !is_aborted(error));
                                           ++completions;
                                           ended = true;
                                         })));
        for (int spin = 0; spin < i % 40; ++spin) std::this_thread::yield();
        if (!ended) signal.emit(asio::cancellation_type::terminal);
        while (!ended) co_await asio::post(own, asio::use_awaitable);
      }
    };
    asio::co_spawn(own, coroutine(), asio::detached);
    own.restart();
    own.run();
    CHECK(wrong == 0);
    CHECK(completions == rounds);
  }
}
