// Workers that wait inside waits: they go on helping, never so long that the stack overflows, and never so little that
// all of them sleep over work.
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "native/crew_pools.hpp"
#include "support/deep_stack.hpp"
#include "support/escapes.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
namespace native = crews::native_pools;
namespace asio = boost::asio;

#ifdef PINFOLD_TEST_SANITIZED
constexpr int many = 2'000;
#else
constexpr int many = 20'000;
#endif

namespace {

// Spawns `links` futures and gets the last. Each waits inside a join for the one that `before` says, which nobody runs
// below it on the same stack.
template <class Pool, class Before>
std::size_t run_chain(Pool& pool, std::size_t links, std::size_t last, Before before) {
  std::atomic<std::size_t> begun = 0;
  pool.install([&] {
    std::vector<std::optional<pinfold::future<void>>> chain(links);
    std::atomic<bool> complete = false;
    for (std::size_t i = 0; i < links; ++i) {
      chain[i] = pinfold::spawn_future([&, i] {
        while (!complete) std::this_thread::yield();
        ++begun;
        if (before(i) < links) pinfold::join([&] { chain[before(i)]->get(); }, [] {});
      });
    }
    complete = true;
    chain[last]->get();
  });
  return begun;
}

}  // namespace

TEMPLATE_TEST_CASE("a chain of futures, each waited for inside a join, comes to its end", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  CHECK(run_chain(TestType::pool(), 300, 0, [](std::size_t i) { return i + 1; }) == 300);
}

TEST_CASE("a chain of futures that nests all its waits on one stack comes to its end") {
  const auto running = crews::topology.start();
  CHECK(run_chain(native::one, 300, 299, [](std::size_t i) { return i - 1; }) == 300);
}

TEMPLATE_TEST_CASE("a wide scope whose tasks wait for another pool does not overflow the stack", "",
                   PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  TestType::pool().scope([&](pinfold::task_scope& scope) {
    for (int i = 0; i < many; ++i) scope.spawn([&] { native::second.install([&] { ++runs; }); });
  });
  CHECK(runs == many);
}

TEMPLATE_TEST_CASE("posts and tasks from outside that wait for another pool do not overflow the stack", "",
                   PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  const auto wait = [&] { native::second.install([&] { ++runs; }); };
  for (int i = 0; i < many / 4; ++i) pool.post(wait);
  pool.in_place_scope([&](pinfold::task_scope& scope) {
    for (int i = 0; i < many / 4; ++i) scope.spawn(wait);
  });
  pool.wait_idle();
  CHECK(runs == many / 4 * 2);
}

TEST_CASE("a worker deep in its stack that waits for a coroutine on its own pool lets it run") {
  const auto running = crews::topology.start();
  const auto answer = []() -> asio::awaitable<int> { co_return 7; };
  int result = 0;
  native::one.install([&] {
    deep_in_stack(native::one.spec.stack_kib, [&] {
      native::second.install(
          [&] { result = asio::co_spawn(native::one.get_executor(), answer(), asio::use_future).get(); });
    });
  });
  CHECK(result == 7);
}

TEMPLATE_TEST_CASE("workers that are all deep in their stacks run what none of them would take", "",
                   PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  std::atomic<std::size_t> waiting = 0;
  pool.broadcast([&] {
    deep_in_stack(pool.spec.stack_kib, [&] {
      native::second.install([&] {
        if (++waiting < pool.size()) return;
        for (int i = 0; i < 10; ++i) pool.post([&] { ++runs; });
        while (runs != 10) std::this_thread::yield();
      });
      native::third.install([&] {
        while (runs != 10) std::this_thread::yield();
      });
    });
  });
  CHECK(runs == 10);
}

TEST_CASE("a chain of spawns goes on where all slots are taken and the stack is half used") {
  const auto running = crews::topology.start();
  std::atomic<int> links = 0;
  const auto link = [&](auto& self) -> void {
    if (++links < 10 * many) pinfold::spawn([&self] { self(self); });
  };
  native::one.scope([&](pinfold::task_scope& scope) {
    for (std::size_t i = 0; i < native::one.spec.task_slots; ++i) scope.spawn([] {});
    link(link);
  });
  native::one.wait_idle();
  CHECK(links == 10 * many);
}

TEST_CASE("try_post says that there is no room also while the worker waits deep in its stack") {
  const auto running = crews::topology.start();
  auto& pool = native::narrow;
  std::size_t accepted = 0;
  std::atomic<std::size_t> runs = 0;
  pool.install([&] {
    deep_in_stack(pool.spec.stack_kib, [&] {
      native::second.install([&] {
        // An awaited task goes past the posts, which are put aside for it.
        for (int i = 0; i < 100; ++i) {
          accepted += pool.try_post([&] { ++runs; }) ? 1 : 0;
          if (i % 10 == 0) native::third.install([&] { pool.install([] {}); });
        }
        CHECK(accepted <= pool.spec.inject_slots + runs + 1);
      });
    });
  });
  pool.wait_idle();
  CHECK(runs == accepted);
}

TEST_CASE("sync_all refuses to fill the stack with its own waits") {
  const auto running = crews::topology.start();
  std::string message;
  native::one.install([&] {
    deep_in_stack(native::one.spec.stack_kib,
                  [&] { message = message_of<pinfold::would_block>([] { pinfold::sync_all(); }); });
  });
  CHECK(contains(message, "more than half of the stack of a worker of native.one in use"));
}

TEST_CASE("sync_all in a task of an in-place scope does not wait for the scope's caller") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  for (int round = 0; round < 50; ++round) {
    native::two.in_place_scope([&](pinfold::task_scope& scope) {
      scope.spawn([&] {
        pinfold::spawn([&] { ++runs; });
        pinfold::sync_all();
        ++runs;
      });
    });
  }
  CHECK(runs == 100);
}

TEST_CASE("an in-place scope that was entered before the stop may spawn to its end") {
  auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  native::two.in_place_scope([&](pinfold::task_scope& scope) {
    running.request_stop();
    for (int i = 0; i < 10; ++i) scope.spawn([&] { ++runs; });
  });
  CHECK(runs == 10);
}

TEST_CASE("yields run other tasks until half of the stack is in use") {
  const auto running = crews::topology.start();
  constexpr std::size_t tasks = 500;
  std::vector<std::atomic<bool>> done(tasks);
  native::one.scope([&](pinfold::task_scope& scope) {
    for (std::size_t i = 0; i < tasks; ++i) {
      scope.spawn([&, i] {
        while (i != 0 && !done[i - 1]) pinfold::yield_now();
        done[i] = true;
      });
    }
  });
  CHECK(done[tasks - 1]);
}

namespace {

// Moves by the worker throw: a posted function is moved out of its slot before it is called.
struct throws_on_worker {
  std::thread::id made_on = std::this_thread::get_id();

  throws_on_worker() = default;
  throws_on_worker(const throws_on_worker& other) : made_on(other.made_on) {
    if (made_on != std::this_thread::get_id()) throw std::runtime_error("moved");
  }
  void operator()() const {}
};

struct result_that_throws {
  std::shared_ptr<int> alive;
  bool throws = false;

  result_that_throws() = default;
  explicit result_that_throws(std::shared_ptr<int> counted) : alive(std::move(counted)) {}
  result_that_throws(result_that_throws&& other) : alive(std::move(other.alive)), throws(true) {
    if (other.throws) throw std::runtime_error("moved again");
  }
};

}  // namespace

TEST_CASE("a function whose move throws on the worker goes to the topology's handler") {
  escapes seen;
  const auto running = crews::topology.start(seen.options());
  const throws_on_worker f;
  native::one.post(f);
  CHECK(native::one.try_post(f));
  native::one.spawn(f);
  native::one.spawn_broadcast(f);
  native::one.wait_idle();
  CHECK(seen.all().size() == 4);
}

TEST_CASE("async_get of a result whose move throws completes with that exception and keeps nothing") {
  const auto running = crews::topology.start();
  auto counted = std::make_shared<int>();
  std::atomic<int> failed = 0;
  auto future = native::one.spawn_future([counted] { return result_that_throws(counted); });
  native::one.wait_idle();
  future.async_get([&](const std::exception_ptr& error, const result_that_throws&) { failed += error ? 1 : 10; });
  native::one.wait_idle();
  CHECK(failed == 1);
  CHECK(counted.use_count() == 1);
}

TEST_CASE("a post that only a deep worker is left for is run though the last to fall asleep waits in a join") {
  const auto running = crews::topology.start();
  std::atomic<bool> stolen = false;
  std::atomic<bool> posted = false;
  std::promise<void> promise;
  std::thread poster([&] {
    while (!stolen) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // the thief sleeps
    native::two.post([&] { promise.set_value(); });
    posted = true;
  });
  native::two.install([&] {
    auto deep = pinfold::fork([&] {
      stolen = true;
      deep_in_stack(native::two.spec.stack_kib, [&] { native::one.install([&] { promise.get_future().wait(); }); });
    });
    while (!stolen) pinfold::fork([] {}).join();
    while (!posted) std::this_thread::yield();
    deep.join();
  });
  poster.join();
  SUCCEED("all have returned");
}
