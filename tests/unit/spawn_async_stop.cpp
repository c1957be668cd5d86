// Coroutines of spawn_async() and what ends them: cancellation, the stop of their topology, both at any moment.
#include <atomic>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>
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
using asio::cancellation_type;

namespace {

asio::awaitable<int> waiting_for_ever(std::atomic<int>& begun) {
  asio::steady_timer never(contract::asio_pools::two.context(), 1h);
  ++begun;
  co_await never.async_wait(asio::use_awaitable);
  co_return 1;
}

asio::awaitable<int> heeding_the_stop(std::atomic<int>& begun) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_return co_await waiting_for_ever(begun);
}

}  // namespace

TEST_CASE("a coroutine that waits is cancelled through its handle, and nobody need join for that") {
  escapes seen;
  const auto running = contract::topology.start(seen.options());
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    std::atomic<int> begun = 0;
    auto joined = pool.spawn_async([&] { return waiting_for_ever(begun); });
    auto dropped = pool.spawn_async([&] { return waiting_for_ever(begun); });
    notice never;
    auto receives = pool.spawn_async([&]() -> asio::awaitable<int> {
      ++begun;
      co_await never.wait();
      co_return 1;
    });
    REQUIRE(eventually([&] { return begun == 3; }));
    joined.cancel(cancellation_type::total);  // of no interest to it
    CHECK_FALSE(joined.is_finished());
    joined.cancel();
    dropped.cancel();
    receives.cancel();
    CHECK(code_of([&] { joined.join(asio::use_future).get(); }) == asio::error::operation_aborted);
    pool.wait_idle();
    joined.cancel();  // of a coroutine that is long over
  }
  CHECK(seen.all().empty());
}

TEST_CASE("a coroutine that is cancelled while it waits in the queue never begins") {
  const auto running = contract::topology.start();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    held_gate gate;
    for (std::size_t i = 0; i < pool.size; ++i) pool.post([&] { gate.wait(); });
    gate.wait_for_arrivals(pool.size);
    std::atomic<bool> began = false;
    auto held = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = held;
    auto task = pool.spawn_async([&began, held = std::move(held)]() -> asio::awaitable<int> {
      began = true;
      co_return 1;
    });
    task.cancel();
    gate.open();
    CHECK(code_of([&] { task.join(asio::use_future).get(); }) == asio::error::operation_aborted);
    pool.wait_idle();
    CHECK_FALSE(began);
    CHECK(watched.expired());
  }
}

TEST_CASE("a coroutine that shields itself from cancellation is not cancelled") {
  const auto running = contract::topology.start();
  for (any_pool& pool : every_pool()) {
    INFO(pool.name);
    notice go;
    std::atomic<bool> waits = false;
    auto task = pool.spawn_async([&]() -> asio::awaitable<int> {
      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
      waits = true;
      co_await go.wait();
      co_return 3;
    });
    REQUIRE(eventually([&] { return waits.load(); }));
    task.cancel();
    go.give();
    CHECK(task.join(asio::use_future).get() == 3);
  }
}

TEST_CASE("stop waits for coroutines that wait for I/O, and what they do then is admitted in every pool") {
  for (std::size_t which = 0; which < every_pool().size(); ++which) {
    std::atomic<int> done = 0;
    auto running = contract::topology.start();
    any_pool pool = every_pool()[which];
    INFO(pool.name);
    std::atomic<bool> waits = false;
    pool.spawn_async([&, pool]() -> asio::awaitable<int> {
      waits = true;
      for (asio::io_context* const context :
           {&contract::asio_pools::one.context(), &contract::asio_pools::two.context()}) {
        co_await short_wait(*context, 20ms);
        for (any_pool& other : every_pool()) {
          other.post([&] { ++done; });
          co_await other
              .spawn_async([&]() -> asio::awaitable<int> {
                co_await short_wait(contract::asio_pools::apart.context(), 1ms);
                co_return ++done;
              })
              .join();
        }
        done += co_await contract::native_pools::one.async_invoke([] { return 100; });
      }
      co_return 0;
    });
    REQUIRE(eventually([&] { return waits.load(); }));
    running.stop();
    CHECK(done == static_cast<int>(200 + 4 * every_pool().size()));
  }
}

TEST_CASE("a coroutine is resumed while its topology stops, also from outside of it") {
  for (std::size_t which = 0; which < every_pool().size(); ++which) {
    notice go;
    std::atomic<bool> ended = false;
    auto running = contract::topology.start();
    any_pool pool = every_pool()[which];
    INFO(pool.name);
    std::atomic<bool> waits = false;
    const auto task = pool.spawn_async([&]() -> asio::awaitable<int> {
      waits = true;
      co_await go.wait();
      contract::native_pools::two.post([&] { ended = true; });
      co_return 0;
    });
    REQUIRE(eventually([&] { return waits.load(); }));
    running.request_stop();
    CHECK_THROWS_AS(pool.spawn_async(failing("refused")), pinfold::pool_stopped);
    std::thread giver([&] { go.give(); });
    running.stop();
    giver.join();
    CHECK(ended);
    CHECK(task.is_finished());
  }
}

TEST_CASE("a spawned coroutine may wait for plain ones of other pools while the topology stops") {
  std::atomic<bool> waits = false;
  std::atomic<int> value = 0;
  auto running = contract::topology.start();
  const auto plain = [&]() -> asio::awaitable<int> {
    waits = true;
    co_await short_wait(contract::asio_pools::two.context(), 30ms);  // resumed on a thread that is no task's
    co_return 5;
  };
  contract::native_pools::one.spawn_async([&]() -> asio::awaitable<int> {
    value = co_await asio::co_spawn(contract::asio_pools::one, plain(), asio::use_awaitable);
    co_return 0;
  });
  REQUIRE(eventually([&] { return waits.load(); }));
  running.stop();
  CHECK(value == 5);
}

TEST_CASE("a stopping topology asks its coroutines to end, and those that heed it do") {
  for (std::size_t which = 0; which < every_pool().size(); ++which) {
    escapes seen;
    std::atomic<int> begun = 0;
    {
      auto running = contract::topology.start(seen.options());
      any_pool pool = every_pool()[which];
      INFO(pool.name);
      for (int i = 0; i < 10; ++i) pool.spawn_async([&] { return heeding_the_stop(begun); });
      REQUIRE(eventually([&] { return begun == 10; }));
      auto late = pool.spawn_async([&]() -> asio::awaitable<int> {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        ++begun;
        for (;;) co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
      });
      REQUIRE(eventually([&] { return begun == 11; }));
    }
    CHECK(seen.all().empty());
  }
}

TEST_CASE("a coroutine that is spawned by accepted work of a stopping topology is asked at once") {
  std::atomic<int> begun = 0;
  held_gate gate;
  auto running = contract::topology.start();
  std::atomic<bool> aborted = false;
  contract::native_pools::one.post([&] {
    gate.wait();
    contract::asio_pools::two.spawn_async([&]() -> asio::awaitable<void> {
      try {
        co_await heeding_the_stop(begun);
      } catch (const boost::system::system_error&) {
        aborted = true;
      }
    });
  });
  gate.wait_for_arrivals(1);
  running.request_stop();
  gate.open();
  running.stop();
  CHECK(aborted);
}

TEST_CASE("a handle may be used when its topology has stopped, and when it runs again") {
  auto running = contract::topology.start();
  std::vector<pinfold::async_task<int>> tasks;
  for (any_pool& pool : every_pool()) {
    tasks.push_back(pool.spawn_async([]() -> asio::awaitable<int> { co_return 6; }));
  }
  running.stop();
  asio::io_context own;
  int sum = 0;
  const auto use = [&](pinfold::async_task<int>& task) {
    CHECK(task.is_finished());
    task.cancel();
    task.join(asio::bind_executor(own, [&](const std::exception_ptr&, int value) { sum += value; }));
  };
  use(tasks[0]);
  use(tasks[1]);
  own.run();
  CHECK(sum == 12);
  const auto again = contract::topology.start();
  for (std::size_t i = 2; i < tasks.size(); ++i) CHECK(tasks[i].join(asio::use_future).get() == 6);
}

TEST_CASE("spawning, joining, cancelling and stopping at any moment ends every coroutine once") {
  constexpr int rounds = 30;
  constexpr int threads = 3;
  constexpr int spawns = 60;
  std::uint64_t spawned = 0;
  std::atomic<std::uint64_t> begun = 0;
  std::atomic<std::uint64_t> ended = 0;
  std::atomic<std::uint64_t> joined = 0;
  for (int round = 0; round < rounds; ++round) {
    asio::io_context own;  // outlives the calls that post to it
    auto guard = asio::make_work_guard(own);
    std::jthread completions([&] { own.run(); });
    std::atomic<std::uint64_t> accepted = 0;
    std::atomic<std::uint64_t> joins = 0;
    auto running = contract::topology.start();
    const auto body = [&]() -> asio::awaitable<int> {
      struct counted {
        std::atomic<std::uint64_t>* count;
        ~counted() { ++*count; }
      } at_end{&ended};
      ++begun;
      co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
      asio::steady_timer timer(contract::asio_pools::two.context(), 1ms);
      co_await timer.async_wait(asio::use_awaitable);
      co_await contract::native_pools::two.async_invoke([] {});
      co_return 1;
    };
    std::vector<std::jthread> spawners;
    for (int t = 0; t < threads; ++t) {
      spawners.emplace_back([&, t] {
        auto pools = every_pool();
        for (int i = 0; i < spawns; ++i) {
          try {
            auto task = pools[static_cast<std::size_t>(i + t) % pools.size()].spawn_async(body);
            ++accepted;
            if (i % 3 != 0) {
              ++joins;
              task.join(asio::bind_executor(own, [&](const std::exception_ptr&, int) { ++joined; }));
            }
            if (i % 4 == 0) task.cancel();
          } catch (const pinfold::pool_stopped&) {
            break;
          }
        }
      });
    }
    std::this_thread::sleep_for(std::chrono::microseconds(round * 200));
    running.stop();
    spawners.clear();
    guard.reset();
    completions.join();
    REQUIRE(joined == joins);
    REQUIRE(begun == ended);
    spawned += accepted;
    joined = 0;
  }
  CHECK(begun <= spawned);
  CHECK(begun > 0);
}
