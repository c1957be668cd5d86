// spawn_async(): coroutines that a pool tracks, and their handles.
#include <atomic>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
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
#include "support/any_pool.hpp"
#include "support/errors_of.hpp"
#include "support/escapes.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "support/timers.hpp"

using namespace pinfold_test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST_CASE("spawn_async runs a coroutine on the pool, from its first step to its last") {
  const auto running = contract::topology.start();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    const auto body = [&]() -> asio::awaitable<int> {
      int inside = 0;
      for (int i = 0; i < 50; ++i) {
        inside += pool.contains_this_thread() ? 1 : 0;
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        co_await short_wait(contract::asio_pools::two.context(), i % 10 == 0 ? 1ms : 0ms);
      }
      co_return inside;
    };
    CHECK(pool.spawn_async(body).join(asio::use_future).get() == 50);
  }
}

TEST_CASE("spawn_async never runs the coroutine inside the call") {
  const auto running = contract::topology.start();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    static thread_local bool spawns = false;
    std::atomic<int> inside = 0;
    for (int i = 0; i < 50; ++i) {
      pool.post([&] {
        spawns = true;
        pool.spawn_async([&]() -> asio::awaitable<int> {
          inside += spawns ? 1 : 0;
          co_return 0;
        });
        spawns = false;
      });
    }
    pool.wait_idle();
    CHECK(inside == 0);
  }
}

TEST_CASE("a spawned coroutine's result is handed over once, whatever it is") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  CHECK(*pool.spawn_async([]() -> asio::awaitable<std::unique_ptr<int>> { co_return std::make_unique<int>(4); })
             .join(asio::use_future)
             .get() == 4);
  bool ran = false;
  pool.spawn_async([](bool& told) -> asio::awaitable<void> {
        told = true;
        co_return;
      }(ran))  // an awaitable, not a function
      .join(asio::use_future)
      .get();
  CHECK(ran);
  auto only = [value = std::make_unique<int>(6)]() -> asio::awaitable<int> { co_return *value; };
  auto task = contract::asio_pools::one.spawn_async(std::move(only));
  CHECK(task.join(asio::use_future).get() == 6);
  CHECK(message_of<std::logic_error>([&] { task.join(asio::use_future).get(); }) ==
        "pinfold::async_task::join(): its result was taken by an earlier join");
}

TEST_CASE("a coroutine may name an executor that the pool's converts to") {
  const auto running = contract::topology.start();
  const auto on_executor = []() -> asio::awaitable<int, pinfold::executor> {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable_t<pinfold::executor>());
    co_return 1;
  };
  const auto on_strand = []() -> asio::awaitable<int, asio::strand<pinfold::executor>> {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable_t<asio::strand<pinfold::executor>>());
    co_return 2;
  };
  CHECK(contract::native_pools::one.spawn_async(on_executor).join(asio::use_future).get() == 1);
  CHECK(contract::asio_pools::apart.spawn_async(on_executor).join(asio::use_future).get() == 1);
  CHECK(contract::native_pools::two.spawn_async(on_strand).join(asio::use_future).get() == 2);
}

TEST_CASE("a spawned coroutine's exception reaches who joins it, and no one else") {
  escapes seen;
  const auto running = contract::topology.start(seen.options());
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    auto task = pool.spawn_async(failing("expected"));
    const auto joined = [&]() -> asio::awaitable<std::string> {
      try {
        co_await task.join();
      } catch (const std::runtime_error& error) {
        co_return error.what();
      }
      co_return "nothing";
    };
    CHECK(asio::co_spawn(contract::asio_pools::one, joined(), asio::use_future).get() == "expected");
  }
  CHECK(seen.all().empty());
}

TEST_CASE("a joined coroutine goes on where it was, from every kind of pool") {
  const auto running = contract::topology.start();
  auto pools = every_pool();
  std::atomic<int> right = 0;
  for (any_pool& home : pools) {
    const auto round_trips = [&]() -> asio::awaitable<int> {
      for (any_pool& pool : pools) {
        const int there =
            co_await pool.spawn_async([&]() -> asio::awaitable<int> { co_return pool.contains_this_thread() ? 1 : 0; })
                .join();
        right += there == 1 && home.contains_this_thread() ? 1 : 0;
      }
      co_return 0;
    };
    home.spawn_async(round_trips).join(asio::use_future).get();
  }
  CHECK(right == static_cast<int>(pools.size() * pools.size()));
}

TEST_CASE("a pool counts a coroutine that waits as its work") {
  const auto running = contract::topology.start();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    notice go;
    std::atomic<bool> waits = false;
    std::atomic<bool> ended = false;
    const auto task = pool.spawn_async([&]() -> asio::awaitable<int> {
      waits = true;
      co_await go.wait();
      ended = true;
      co_return 0;
    });
    REQUIRE(eventually([&] { return waits.load(); }));
    CHECK_FALSE(pool.is_idle());
    CHECK_FALSE(running.is_idle());
    CHECK_FALSE(task.is_finished());
    go.give();
    pool.wait_idle();
    CHECK(ended);
    CHECK(task.is_finished());
    pool.join();
  }
}

TEST_CASE("what a coroutine's function holds is gone when the coroutine counts as ended") {
  const auto running = contract::topology.start();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    for (int i = 0; i < 50; ++i) {
      auto held = std::make_shared<int>(3);
      const std::weak_ptr<int> watched = held;
      bool gone = false;
      auto task = pool.spawn_async([held = std::move(held)]() -> asio::awaitable<int> { co_return *held; });
      task.join([&](const std::exception_ptr&, int) { gone = watched.expired(); });
      pool.wait_idle();
      REQUIRE(gone);
    }
  }
}

TEST_CASE("the steps of a coroutine and its children on its executor never run at once") {
  const auto running = contract::topology.start();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    int inside = 0;  // not guarded: the coroutine's executor keeps it whole
    int collisions = 0;
    const auto step = [&](auto executor) -> asio::awaitable<void> {
      for (int i = 0; i < 200; ++i) {
        collisions += inside++;
        --inside;
        co_await asio::post(executor, asio::use_awaitable);
      }
    };
    const auto body = [&]() -> asio::awaitable<int> {
      using namespace asio::experimental::awaitable_operators;
      const auto own = co_await asio::this_coro::executor;
      co_await (step(own) && step(own) && step(own));
      co_return 7;
    };
    CHECK(pool.spawn_async(body).join(asio::use_future).get() == 7);
    CHECK(collisions == 0);
  }
}

TEST_CASE("spawned coroutines spawn others, here and in other pools, and nobody's topology is idle before") {
  const auto running = contract::topology.start();
  auto pools = every_pool();
  std::atomic<int> leaves = 0;
  const std::function<asio::awaitable<int>(int)> grow = [&](int depth) -> asio::awaitable<int> {
    if (depth == 0) {
      co_await short_wait(contract::asio_pools::one.context(), 1ms);
      ++leaves;
      co_return 0;
    }
    for (any_pool& pool : pools) pool.spawn_async([&grow, depth] { return grow(depth - 1); });
    co_return 0;
  };
  pools.front().spawn_async([&] { return grow(2); });
  running.wait_idle();
  CHECK(leaves == static_cast<int>(pools.size() * pools.size()));
}

TEST_CASE("a handle that is dropped lets its coroutine go on") {
  const auto running = contract::topology.start();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    notice go;
    std::atomic<bool> ended = false;
    {
      const auto dropped = pool.spawn_async([&]() -> asio::awaitable<int> {
        co_await go.wait();
        ended = true;
        co_return 0;
      });
    }
    CHECK_FALSE(ended);
    go.give();
    pool.wait_idle();
    CHECK(ended);
  }
}

TEST_CASE("an exception that nobody joined for goes to the topology's handler") {
  escapes seen;
  const auto running = contract::topology.start(seen.options());
  auto pools = every_pool();
  for (any_pool& pool : pools) {
    pool.spawn_async(failing("dropped before"));
    auto kept = pool.spawn_async(failing("dropped after"));
    pool.wait_idle();
    CHECK(kept.is_finished());
  }
  running.wait_idle();
  REQUIRE(seen.all().size() == 2 * pools.size());
  CHECK(seen.all()[0].message == "dropped before");
  CHECK(seen.all()[0].pool == "asio.one");
  CHECK(seen.all()[1].message == "dropped after");
}

TEST_CASE("a join that is cancelled stops waiting, and the coroutine may be joined again") {
  const auto running = contract::topology.start();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    notice go;
    auto task = pool.spawn_async([&]() -> asio::awaitable<int> {
      co_await go.wait();
      co_return 5;
    });
    const auto limited = [&]() -> asio::awaitable<int> {
      using namespace asio::experimental::awaitable_operators;
      asio::steady_timer limit(co_await asio::this_coro::executor, 2ms);
      const auto first = co_await (task.join(asio::use_awaitable) || limit.async_wait(asio::use_awaitable));
      co_return static_cast<int>(first.index());
    };
    CHECK(asio::co_spawn(contract::asio_pools::one, limited(), asio::use_future).get() == 1);
    CHECK_FALSE(task.is_finished());
    auto again = task.join(asio::use_future);
    CHECK(message_of<std::logic_error>([&] { task.join(asio::use_future).get(); }) ==
          "pinfold::async_task::join(): another join of it is pending");
    go.give();
    CHECK(again.get() == 5);
  }
}

TEST_CASE("Asio's operators put a time limit on what a spawned coroutine awaits") {
  const auto running = contract::topology.start();
  auto& busy = contract::native_pools::one;
  for (any_pool& pool : every_pool()) {
    if (pool.name == busy.spec.thread_name) continue;
    INFO(pool.name);
    held_gate gate;
    std::atomic<bool> ran = false;
    busy.post([&] { gate.wait(); });
    gate.wait_for_arrivals(1);
    auto task = pool.spawn_async([&]() -> asio::awaitable<int> {
      using namespace asio::experimental::awaitable_operators;
      asio::steady_timer limit(contract::asio_pools::two.context(), 2ms);
      const auto first = co_await (busy.async_invoke([&] { ran = true; }, asio::use_awaitable) ||
                                   limit.async_wait(asio::use_awaitable));
      co_return static_cast<int>(first.index());
    });
    CHECK(task.join(asio::use_future).get() == 1);
    gate.open();
    busy.wait_idle();
    CHECK_FALSE(ran);
  }
}

TEST_CASE("a deferred join needs no handle any more") {
  const auto running = contract::topology.start();
  auto join =
      contract::native_pools::two.spawn_async([]() -> asio::awaitable<int> { co_return 8; }).join(asio::deferred);
  CHECK(std::move(join)(asio::use_future).get() == 8);
}

TEST_CASE("a join completes on the handler's executor, which may be no pool's") {
  asio::io_context own;
  const auto running = contract::topology.start();
  const auto this_thread = std::this_thread::get_id();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    bool right = false;
    auto task = pool.spawn_async([]() -> asio::awaitable<int> { co_return 9; });
    task.join(asio::bind_executor(own, [&](const std::exception_ptr& error, int value) {
      right = !error && value == 9 && std::this_thread::get_id() == this_thread;
    }));
    own.restart();
    own.run();
    CHECK(right);
  }
}

TEST_CASE("a coroutine whose operation drops it ends with operation_aborted") {
  const auto running = contract::topology.start();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    std::optional<asio::any_completion_handler<void()>> handler;
    std::atomic<bool> waits = false;
    auto task = pool.spawn_async([&]() -> asio::awaitable<int> {
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
          [&](auto given) {
            handler.emplace(std::move(given));
            waits = true;
          },
          asio::use_awaitable);
      co_return 1;
    });
    REQUIRE(eventually([&] { return waits.load(); }));
    handler.reset();
    CHECK(code_of([&] { task.join(asio::use_future).get(); }) == asio::error::operation_aborted);
    pool.wait_idle();
  }
}

TEST_CASE("spawn_async of a pool that does not run throws, and destroys the coroutine") {
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    auto held = std::make_shared<int>(3);
    const std::weak_ptr<int> watched = held;
    CHECK_THROWS_AS(pool.spawn_async([held = std::move(held)]() -> asio::awaitable<int> { co_return *held; }),
                    pinfold::pool_stopped);
    CHECK(watched.expired());
  }
}

TEST_CASE("a handle that was moved from says so") {
  const auto running = contract::topology.start();
  auto task = contract::asio_pools::one.spawn_async([]() -> asio::awaitable<int> { co_return 1; });
  auto taken = std::move(task);
  CHECK(taken.valid());
  CHECK_FALSE(task.valid());
  CHECK(message_of<std::logic_error>([&] { task.cancel(); }) ==
        "pinfold::async_task::cancel(): the handle was moved from");
  CHECK_THROWS_AS(task.is_finished(), std::logic_error);
  CHECK_THROWS_AS(task.join(asio::use_future), std::logic_error);
}

TEST_CASE("a coroutine that another executor resumes may end there: its result arrives all the same") {
  const auto running = contract::topology.start();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    std::atomic<int> ended_elsewhere = 0;
    for (int i = 0; i < 50; ++i) {
      auto task = pool.spawn_async([&]() -> asio::awaitable<int> {
        co_await asio::post(asio::bind_executor(contract::native_pools::two.get_executor(), asio::use_awaitable));
        ended_elsewhere += contract::native_pools::two.contains_this_thread() ? 1 : 0;
        co_return 7;
      });
      CHECK(task.join(asio::use_future).get() == 7);
    }
    CHECK(ended_elsewhere == 50);
  }
}
