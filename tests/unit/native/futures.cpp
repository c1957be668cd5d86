// spawn_future(): a result for whoever wants it, wherever and whenever.
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "theft.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;
namespace native = crews::native_pools;

TEMPLATE_TEST_CASE("a future's get returns the value, from outside and on a worker", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  for (int i = 0; i < 200; ++i) {
    REQUIRE(pool.spawn_future([i] { return i; }).get() == i);
    REQUIRE(pool.install([i] { return pinfold::spawn_future([i] { return i; }).get(); }) == i);
  }
}

TEMPLATE_TEST_CASE("a future's value may be nothing, a reference, or move-only", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  int number = 1;
  static_assert(std::is_void_v<decltype(pool.spawn_future([] {}).get())>);
  pool.spawn_future([&] { number = 2; }).get();
  CHECK(number == 2);
  CHECK(&pool.spawn_future([&]() -> int& { return number; }).get() == &number);
  CHECK(*pool.spawn_future([only = std::make_unique<int>(3)]() mutable { return std::move(only); }).get() == 3);
  CHECK(pool.spawn_future([numbers = std::array<long, 100>{4}] { return numbers; }).get()[0] == 4);
}

TEMPLATE_TEST_CASE("a future's get rethrows", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto failing = TestType::pool().spawn_future([]() -> int { throw std::runtime_error("inside"); });
  CHECK(message_of<std::runtime_error>([&] { failing.get(); }) == "inside");
  CHECK_FALSE(failing.valid());
}

TEST_CASE("a future is ready when its function has ended, and not before") {
  const auto running = crews::topology.start();
  held_gate gate;
  auto held = native::one.spawn_future([&] {
    gate.wait();
    return 5;
  });
  gate.wait_for_arrivals(1);
  CHECK_FALSE(held.ready());
  CHECK(held.valid());
  gate.open();
  native::one.wait_idle();
  CHECK(held.ready());
  CHECK(held.get() == 5);
}

TEMPLATE_TEST_CASE("what a future's function captured is gone when its get returns", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto held = std::make_shared<int>(1);
  for (int i = 0; i < 500; ++i) {
    REQUIRE(TestType::pool().spawn_future([held] { return *held; }).get() == 1);
    REQUIRE(held.use_count() == 1);
  }
}

TEST_CASE("a future without a task says so") {
  const auto running = crews::topology.start();
  auto first = native::one.spawn_future([] { return 1; });
  auto second = std::move(first);
  CHECK_FALSE(first.valid());
  CHECK(contains(message_of<std::logic_error>([&] { first.get(); }), "pinfold::future::get(): it has no task"));
  CHECK(contains(message_of<std::logic_error>([&] { static_cast<void>(first.ready()); }), "pinfold::future::ready()"));
  CHECK(contains(message_of<std::logic_error>([&] { first.async_get(asio::use_future); }),
                 "pinfold::future::async_get()"));
  CHECK(second.get() == 1);
  CHECK_THROWS_AS(second.get(), std::logic_error);
}

TEST_CASE("an assigned future lets go of its own task and takes the other's") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  auto future = native::one.spawn_future([&] { return ++runs; });
  future = native::one.spawn_future([&] { return 10 + ++runs; });
  auto& same = future;
  future = std::move(same);
  CHECK(future.get() == 12);
}

TEST_CASE("a future leaves the task, the scope and the run of the topology that it came from") {
  std::optional<pinfold::future<int>> future;
  {
    const auto running = crews::topology.start();
    native::two.scope(
        [&](pinfold::task_scope& scope) { scope.spawn([&] { future = pinfold::spawn_future([] { return 21; }); }); });
  }
  CHECK(future->ready());
  CHECK(future->get() == 21);
}

TEST_CASE("a stop runs the functions whose futures are waited for") {
  for (int round = 0; round < 20; ++round) {
    auto running = crews::topology.start();
    std::vector<pinfold::future<int>> futures;
    for (int i = 0; i < 100; ++i) futures.push_back(native::two.spawn_future([i] { return i; }));
    running.stop();
    for (int i = 0; i < 100; ++i) REQUIRE(futures[static_cast<std::size_t>(i)].get() == i);
  }
}

TEMPLATE_TEST_CASE("a dropped future lets its function go on", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  auto held = std::make_shared<int>();
  for (int i = 0; i < 200; ++i) {
    static_cast<void>(pool.spawn_future([&runs, held] {
      ++runs;
      return held;
    }));
    pool.install([&] { static_cast<void>(pinfold::spawn_future([&] { ++runs; })); });
  }
  pool.wait_idle();
  CHECK(runs == 400);
  CHECK(held.use_count() == 1);
}

TEST_CASE("child: a dropped future's function throws", "[.child]") {
  const auto running = crews::topology.start();
  static_cast<void>(native::one.spawn_future([] { throw std::runtime_error("dropped"); }));
  native::one.wait_idle();
  auto late = native::one.spawn_future([] { throw 7; });
  native::one.wait_idle();
}

TEST_CASE("an exception that nobody asks a future for is printed, and the process goes on") {
  const child_result child = run_case("child: a dropped future's function throws");
  CHECK(child.exit_code == 0);
  CHECK(
      contains(child.output, "pinfold: a future's function ended with an exception that nobody asked for: dropped\n"));
  CHECK(contains(child.output, "an exception of unknown type that nobody asked for\n"));
}

TEMPLATE_TEST_CASE("futures of futures nest deeply on a worker", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  const int depth = TestType::pool().install([] {
    const auto descend = [](auto& self, int left) -> int {
      if (left == 0) return 0;
      auto deeper = pinfold::spawn_future([&self, left] { return self(self, left - 1); });
      return deeper.get() + 1;
    };
    return descend(descend, 100);
  });
  CHECK(depth == 100);
}

TEMPLATE_TEST_CASE("a tree of futures comes to the right sum", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  const long sum = TestType::pool().install([] {
    const auto fib = [](auto& self, int n) -> long {
      if (n < 2) return n;
      auto left = pinfold::spawn_future([&self, n] { return self(self, n - 1); });
      const long right = self(self, n - 2);
      return left.get() + right;
    };
    return fib(fib, 15);
  });
  CHECK(sum == 610);
}

TEST_CASE("a worker that waits for a future runs other tasks of its pool meanwhile") {
  const auto running = crews::topology.start();
  held_gate gate;
  auto held = native::second.spawn_future([&] {
    gate.wait();
    return 1;
  });
  native::one.post([&] {
    native::one.post([&] { gate.open(); });
    CHECK(held.get() == 1);
  });
  running.wait_idle();
}

TEST_CASE("get on a thread of an asio pool is refused unless the future is ready") {
  const auto running = crews::topology.start();
  held_gate gate;
  auto held = native::one.spawn_future([&] {
    gate.wait();
    return 1;
  });
  crews::asio_pools::net.install([&] { CHECK_THROWS_AS(held.get(), pinfold::would_block); });
  gate.open();
  native::one.wait_idle();
  CHECK(crews::asio_pools::net.install([&] { return held.get(); }) == 1);
}

// --- async_get ---

TEST_CASE("async_get with use_future completes with the value or the exception") {
  const auto running = crews::topology.start();
  CHECK(native::two.spawn_future([] { return 1; }).async_get(asio::use_future).get() == 1);
  native::two.spawn_future([] {}).async_get(asio::use_future).get();
  CHECK(*native::two.spawn_future([] { return std::make_unique<int>(2); }).async_get(asio::use_future).get() == 2);
  auto failing =
      native::two.spawn_future([]() -> int { throw std::runtime_error("inside"); }).async_get(asio::use_future);
  CHECK(message_of<std::runtime_error>([&] { failing.get(); }) == "inside");
}

TEST_CASE("a coroutine on an asio pool awaits a native pool's future and goes on on its own pool") {
  const auto running = crews::topology.start();
  const auto body = []() -> asio::awaitable<int> {
    int sum = 0;
    for (int i = 0; i < 100; ++i) {
      sum += co_await native::two.spawn_future([i] { return i; }).async_get(asio::use_awaitable);
      if (!crews::asio_pools::net.contains_this_thread()) co_return -1;
    }
    try {
      co_await native::two.spawn_future([] { throw std::runtime_error("inside"); }).async_get(asio::use_awaitable);
    } catch (const std::runtime_error&) {
      co_return sum;
    }
    co_return -2;
  };
  CHECK(asio::co_spawn(crews::asio_pools::net.get_executor(), body(), asio::use_future).get() == 4'950);
}

TEST_CASE("a callback without an executor of its own runs on the future's pool, after the call") {
  const auto running = crews::topology.start();
  for (const bool wait_first : {false, true}) {
    std::promise<bool> in_pool;
    auto future = native::one.spawn_future([] { return 3; });
    if (wait_first) native::one.wait_idle();
    std::move(future).async_get([&](const std::exception_ptr& error, int value) {
      in_pool.set_value(error == nullptr && value == 3 && native::one.contains_this_thread());
    });
    CHECK(in_pool.get_future().get());
  }
}

TEST_CASE("a callback with an executor of its own runs there") {
  const auto running = crews::topology.start();
  std::promise<bool> on_net;
  native::one.spawn_future([] {}).async_get(asio::bind_executor(
      crews::asio_pools::net.get_executor(),
      [&](const std::exception_ptr&) { on_net.set_value(crews::asio_pools::net.contains_this_thread()); }));
  CHECK(on_net.get_future().get());
}

TEST_CASE("a deferred async_get begins to wait when it is started") {
  const auto running = crews::topology.start();
  auto operation = native::one.spawn_future([] { return std::make_unique<int>(6); }).async_get(asio::deferred);
  native::one.wait_idle();
  std::promise<int> value;
  std::move(operation)([&](const std::exception_ptr&, std::unique_ptr<int> result) { value.set_value(*result); });
  CHECK(value.get_future().get() == 6);
}

TEST_CASE("futures from many threads are each answered once") {
  const auto running = crews::topology.start();
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> outsiders;
    for (int outsider = 0; outsider < 3; ++outsider) {
      outsiders.emplace_back([&, outsider] {
        for (int i = 0; i < 300; ++i) {
          const int value = outsider * 1'000 + i;
          wrong += native::four.spawn_future([value] { return value; }).get() != value;
          wrong += native::four.spawn_future([value] { return value; }).async_get(asio::use_future).get() != value;
        }
      });
    }
  }
  CHECK(wrong == 0);
}
