// async_scope(): a scope in a pool as an Asio operation, which borrows from the coroutine that awaits it.
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "catch.hpp"
#include "support/async_scopes.hpp"
#include "support/messages.hpp"
#include "support/pools_at_run_time.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;
using pinfold::pool_ref;
using pinfold::pool_scope;

TEMPLATE_TEST_CASE("a coroutine awaits a scope whose body and tasks borrow its locals, and goes on where it was", "",
                   PINFOLD_TEST_ASYNC_SCOPE_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  auto& home = contract::asio_pools::two;
  const auto coroutine = [&]() -> asio::awaitable<int> {
    int right = 0;
    for (int i = 0; i < 50; ++i) {
      std::array<int, 20> numbers{};
      lent borrowed;
      const auto only = co_await pool.async_scope([&](auto& scope) {
        for (int& each : numbers) {
          scope.spawn([&](auto& same) {
            each = pool.contains_this_thread() ? 1 : 0;
            same.spawn([&] { borrowed.use(); });
          });
        }
        return std::make_unique<int>(pool.contains_this_thread() ? 7 : 0);
      });
      for (const int each : numbers) right += each;
      right += borrowed.right_uses() + *only + (home.contains_this_thread() ? 1 : 0);
      co_await pool.async_scope([&](auto& scope) { scope.spawn([&] { ++right; }); });
    }
    co_return right;
  };
  CHECK(asio::co_spawn(home.get_executor(), coroutine(), asio::use_future).get() == 50 * (20 + 20 + 7 + 1 + 1));
}

TEMPLATE_TEST_CASE("what a body or a task of an awaited scope throws is rethrown, after all tasks have run", "",
                   PINFOLD_TEST_ASYNC_SCOPE_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const auto coroutine = [&]() -> asio::awaitable<std::pair<std::string, std::string>> {
    std::atomic<int> runs = 0;
    const auto [of_body, no_value] = co_await pool.async_scope(
        [&](auto& scope) -> int {
          for (int i = 0; i < 50; ++i) scope.spawn([&] { ++runs; });
          throw std::runtime_error("from the body");
        },
        asio::as_tuple(asio::use_awaitable));
    CHECK(runs == 50);
    CHECK(no_value == 0);
    const auto [of_task] = co_await pool.async_scope(
        [&](auto& scope) {
          for (int i = 0; i < 50; ++i) {
            scope.spawn([&, i] {
              ++runs;
              if (i == 25) throw std::runtime_error("from a task");
            });
          }
        },
        asio::as_tuple(asio::use_awaitable));
    CHECK(runs == 100);
    co_return std::pair(message_in(of_body), message_in(of_task));
  };
  const auto [of_body, of_task] = asio::co_spawn(pool.get_executor(), coroutine(), asio::use_future).get();
  CHECK(of_body == "from the body");
  CHECK(of_task == "from a task");
}

TEST_CASE("a reactor of one thread goes on serving its timers while a coroutine on it awaits a scope") {
  const auto running = contract::topology.start();
  auto& net = contract::asio_pools::one;
  for (const pool_ref pool : pools_at_run_time()) {
    if (pool == pool_ref(net)) continue;
    INFO(pool.qualified_name());
    std::atomic<int> ticks = 0;
    std::atomic<bool> over = false;
    const auto tick = [&]() -> asio::awaitable<void> {
      asio::steady_timer timer(co_await asio::this_coro::executor);
      while (!over) {
        timer.expires_after(std::chrono::microseconds(100));
        co_await timer.async_wait(asio::use_awaitable);
        ++ticks;
      }
    };
    const auto awaits = [&]() -> asio::awaitable<void> {
      co_await pool.async_scope([&](pool_scope& scope) {
        scope.spawn([&] {  // ends only if the reactor lives
          while (ticks < 20) std::this_thread::yield();
        });
      });
      over = true;
    };
    auto ticking = asio::co_spawn(net.get_executor(), tick(), asio::use_future);
    asio::co_spawn(net.get_executor(), awaits(), asio::use_future).get();
    ticking.get();
    CHECK(ticks >= 20);
  }
}

TEST_CASE("a scope in a reactor's own pool leaves room for its timers between tasks") {
  const auto running = contract::topology.start();
  auto& net = contract::asio_pools::one;
  std::atomic<bool> fired = false;
  const auto coroutine = [&]() -> asio::awaitable<void> {
    asio::steady_timer timer(net.context(), std::chrono::milliseconds(1));
    timer.async_wait([&](const boost::system::error_code&) { fired = true; });
    struct chain {
      std::atomic<bool>* until;
      void operator()(pool_scope& scope) const {
        if (!*until) scope.spawn(chain{until});
      }
    };
    co_await pool_ref(net).async_scope([&](pool_scope& scope) { scope.spawn(chain{&fired}); });
  };
  asio::co_spawn(net.get_executor(), coroutine(), asio::use_future).get();
  CHECK(fired);
}

TEST_CASE("scopes that coroutines await may be many at once, and nest") {
  const auto running = contract::topology.start();
  const auto pools = pools_at_run_time();
  std::atomic<int> runs = 0;
  const auto coroutine = [&](std::size_t number) -> asio::awaitable<void> {
    const pool_ref outer = pools[number % pools.size()];
    const pool_ref inner = pools[(number / pools.size()) % pools.size()];
    co_await outer.async_scope([&](pool_scope& scope) {
      for (int i = 0; i < 3; ++i) {
        scope.spawn([&] {
          // Not awaited by this task: it ends with its own completion.
          inner.async_scope([&](pool_scope& same) { same.spawn([&] { ++runs; }); }, asio::detached);
        });
      }
    });
  };
  for (std::size_t i = 0; i < 200; ++i) {
    asio::co_spawn(contract::asio_pools::two.get_executor(), coroutine(i), asio::detached);
  }
  running.wait_idle();
  CHECK(runs == 600);
}

TEST_CASE("a scope is started by whatever token is given, a deferred one by who asks for it") {
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    std::atomic<int> runs = 0;
    auto operation = pool.async_scope([&](pool_scope& scope) { scope.spawn([&] { ++runs; }); }, asio::deferred);
    running.wait_idle();
    CHECK(runs == 0);
    std::move(operation)(asio::use_future).get();
    CHECK(runs == 1);
  }
}

TEST_CASE("the handler of a scope is never called inside the call that starts it, nor inside one of its tasks") {
  static thread_local int depth = 0;
  std::atomic<int> inside = 0;
  std::atomic<int> calls = 0;
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    const auto start = [&] {
      ++depth;
      pool.async_scope(
          [&](pool_scope& scope) {
            ++depth;
            scope.spawn([] {});
            --depth;
          },
          [&](const std::exception_ptr&) {
            ++calls;
            inside += depth;
          });
      --depth;
    };
    for (int i = 0; i < 100; ++i) pool.post(start);
    running.wait_idle();
  }
  CHECK(calls == 100 * static_cast<int>(pools_at_run_time().size()));
  CHECK(inside == 0);
}

TEST_CASE("a scope of a pool that does not run completes with pool_stopped, later") {
  asio::io_context own;
  for (const pool_ref pool : pools_at_run_time()) {
    std::exception_ptr seen;
    pool.async_scope([](pool_scope&) {},
                     asio::bind_executor(own, [&](const std::exception_ptr& error) { seen = error; }));
    CHECK_FALSE(seen);
    own.restart();
    own.run();
    CHECK(contains(message_in<pinfold::pool_stopped>(seen), "accepts no work"));
  }
}

TEST_CASE("stop waits for scopes that were accepted, and runs their completions") {
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    auto running = contract::topology.start();
    std::atomic<int> runs = 0;
    std::atomic<int> completions = 0;
    for (int i = 0; i < 100; ++i) {
      pool.async_scope(
          [&](pool_scope& scope) {
            for (int task = 0; task < 5; ++task) scope.spawn([&] { ++runs; });
          },
          asio::bind_executor(contract::asio_pools::one.get_executor(),
                              [&](const std::exception_ptr& error) { completions += error ? 0 : 1; }));
    }
    running.stop();
    CHECK(runs == 500);
    CHECK(completions == 100);
  }
}

TEST_CASE("when nobody is there to complete on, borrowed work has ended before its coroutine's frame is destroyed") {
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    std::atomic<bool> frame_is_alive = false;
    std::atomic<bool> polled = false;  // nobody completes the scope while its coroutine's context still runs
    std::atomic<int> right = 0;
    bool completed = false;
    struct frame_mark {
      std::atomic<bool>& alive;
      explicit frame_mark(std::atomic<bool>& flag) : alive(flag) { alive = true; }
      ~frame_mark() { alive = false; }
    };
    {
      asio::io_context own;
      auto running = contract::topology.start();
      const auto coroutine = [&]() -> asio::awaitable<void> {
        const frame_mark borrowed(frame_is_alive);
        co_await pool.async_scope([&](pool_scope& scope) {
          for (int i = 0; i < 20; ++i) {
            scope.spawn([&] {
              while (!polled) std::this_thread::yield();
              for (int spin = 0; spin < 20; ++spin) std::this_thread::yield();
              right += borrowed.alive ? 1 : 0;
            });
          }
        });
        completed = true;
      };
      asio::co_spawn(own, coroutine(), asio::detached);
      own.poll();
      polled = true;
      running.stop();
      CHECK(right == 20);
      CHECK(frame_is_alive);
    }  // ~own: with the completion in it
    CHECK_FALSE(frame_is_alive);
    CHECK_FALSE(completed);
  }
}
