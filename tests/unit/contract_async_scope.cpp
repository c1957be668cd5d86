// async_scope(): a scope in a pool as an Asio operation, which borrows from the coroutine that awaits it.
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "support/pools_at_run_time.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;
using pinfold::pool_ref;
using pinfold::pool_scope;

// With the scopes of each kind; the rest goes through references, compiled once.
#ifdef PINFOLD_TEST_TBB
#define ASYNC_POOLS asio_one, native_two, tbb_two
#else
#define ASYNC_POOLS asio_one, native_two
#endif

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int rounds = 300;
#else
constexpr int rounds = 2'000;
#endif

bool is_aborted(const std::exception_ptr& error) {
  if (!error) return false;
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& known) {
    return known.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

template <class Error = std::runtime_error>
std::string message_in(const std::exception_ptr& error) {
  return error ? message_of<Error>([&] { std::rethrow_exception(error); }) : "no exception";
}

// Something that a coroutine owns and others borrow.
class lent {
 public:
  ~lent() { alive_ = false; }
  void use() { right_ += alive_ ? 1 : 0; }
  [[nodiscard]] int right_uses() const { return right_; }

 private:
  std::atomic<bool> alive_ = true;
  std::atomic<int> right_ = 0;
};

// Returns when the scope is cancelled.
template <class Scope>
void wait_for_cancellation(const Scope& scope) {
  while (!scope.is_cancelled()) std::this_thread::yield();
}

}  // namespace

TEMPLATE_TEST_CASE("a coroutine awaits a scope whose body and tasks borrow its locals, and goes on where it was", "",
                   ASYNC_POOLS) {
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
                   ASYNC_POOLS) {
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

TEMPLATE_TEST_CASE("a cancelled scope completes when what has begun and borrows has ended, with operation_aborted", "",
                   ASYNC_POOLS) {
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
      int borrowed = 0;
      asio::steady_timer limit(own, std::chrono::milliseconds(2));
      const auto first = co_await (pool.async_scope(
                                       [&](pool_scope& scope) {
                                         wait_for_cancellation(scope);
                                         borrowed = 1;
                                       },
                                       asio::use_awaitable) ||
                                   limit.async_wait(asio::use_awaitable));
      right = first.index() == 1 && borrowed == 1;
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
              for (int spin = 0; spin < 20; ++spin) std::this_thread::yield();
              right += borrowed.alive ? 1 : 0;
            });
          }
        });
        completed = true;
      };
      asio::co_spawn(own, coroutine(), asio::detached);
      own.poll();
      running.stop();
      CHECK(right == 20);
      CHECK(frame_is_alive);
    }  // ~own: with the completion in it
    CHECK_FALSE(frame_is_alive);
    CHECK_FALSE(completed);
  }
}
