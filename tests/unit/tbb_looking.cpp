// A tbb pool with a worker that looks for tasks: it takes them without TBB, and TBB's own work goes on beside it.
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include <looking_busy_1/topology.hpp>
#include <looking_busy_2/topology.hpp>
#include <looking_park_2/topology.hpp>
#include <looking_spin_1/topology.hpp>
#include <looking_spin_2/topology.hpp>

#include "catch.hpp"
#include "support/eventually.hpp"

using namespace pinfold_test;
using namespace std::chrono_literals;

namespace {

struct park_two {
  static auto start(const pinfold::start_options& options = {}) { return looking_park_2::topology.start(options); }
  static auto& pool() { return looking_park_2::tbb_pools::work; }
};
struct busy_one {
  static auto start(const pinfold::start_options& options = {}) { return looking_busy_1::topology.start(options); }
  static auto& pool() { return looking_busy_1::tbb_pools::work; }
};
struct busy_two {
  static auto start(const pinfold::start_options& options = {}) { return looking_busy_2::topology.start(options); }
  static auto& pool() { return looking_busy_2::tbb_pools::work; }
};
struct spin_one {
  static auto start(const pinfold::start_options& options = {}) { return looking_spin_1::topology.start(options); }
  static auto& pool() { return looking_spin_1::tbb_pools::work; }
};
struct spin_two {
  static auto start(const pinfold::start_options& options = {}) { return looking_spin_2::topology.start(options); }
  static auto& pool() { return looking_spin_2::tbb_pools::work; }
};

// Calls of it that wait for each other, in pairs.
class meeting {
 public:
  void operator()() {
    const int mine = ++arrived_;
    const int both = mine + (mine % 2);
    if (!eventually([&] { return arrived_ >= both; })) alone_ = true;
  }
  [[nodiscard]] bool took_place() const { return !alone_; }

 private:
  std::atomic<int> arrived_ = 0;
  std::atomic<bool> alone_ = false;
};

}  // namespace

TEMPLATE_TEST_CASE("a tbb pool that looks for tasks runs what comes at once and what comes late", "", busy_one,
                   busy_two, spin_one, spin_two, park_two) {
  const auto running = TestType::start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  for (const auto pause : {0us, 5us, 20us, 200us, 2000us}) {
    for (int i = 0; i < 50; ++i) {
      pool.post([&] { runs += pool.contains_this_thread() ? 1 : 0; });
      std::this_thread::sleep_for(pause);
    }
  }
  pool.wait_idle();
  CHECK(runs == 250);
}

TEMPLATE_TEST_CASE("two tasks that come while one worker looks get a thread each", "", busy_two, spin_two, park_two) {
  const auto running = TestType::start();
  auto& pool = TestType::pool();
  for (int round = 0; round < 100; ++round) {
    std::this_thread::sleep_for(std::chrono::microseconds(round));
    meeting meet;
    for (int i = 0; i < 2; ++i) pool.post([&] { meet(); });
    pool.wait_idle();
    REQUIRE(meet.took_place());
  }
}

TEMPLATE_TEST_CASE("parallel_for uses the worker that looked for tasks, too", "", busy_two, spin_two, park_two) {
  const auto running = TestType::start();
  auto& pool = TestType::pool();
  for (int round = 0; round < 100; ++round) {
    meeting meet;
    pool.install([&] { tbb::parallel_for(0, 2, [&](int) { meet(); }, tbb::simple_partitioner()); });
    REQUIRE(meet.took_place());
  }
}

TEMPLATE_TEST_CASE("a task that waits in TBB runs no other task meanwhile, be it the first after the start", "",
                   busy_two, spin_two, park_two) {
  static thread_local bool in_task = false;
  for (int round = 0; round < 30; ++round) {
    const auto running = TestType::start();
    auto& pool = TestType::pool();
    std::atomic<bool> begun = false;
    std::atomic<int> nested = 0;
    const auto begin_task = [&] { nested += std::exchange(in_task, true) ? 1 : 0; };
    pool.post([&] {
      begin_task();
      begun = true;
      tbb::parallel_for(0, 200, [](int) { std::this_thread::sleep_for(20us); }, tbb::simple_partitioner());
      in_task = false;
    });
    while (!begun) std::this_thread::yield();
    for (int i = 0; i < 20; ++i) {
      pool.post([&] {
        begin_task();
        in_task = false;
      });
    }
    pool.wait_idle();
    REQUIRE(nested == 0);
  }
}

TEMPLATE_TEST_CASE("a pool that looks runs again after a stop that its threads were late for", "", busy_one, busy_two) {
  pinfold::start_options options;
  for (int round = 0; round < 50; ++round) {
    options.on_thread_start = [round](const pinfold::pool_thread_info&) {
      std::this_thread::sleep_for(std::chrono::microseconds(20 * round));
    };
    auto running = TestType::start(options);
    running.stop();
    running = TestType::start();
    CHECK(TestType::pool().install([] { return 7; }) == 7);
  }
}

TEMPLATE_TEST_CASE("what a task leaves to TBB runs though a worker looks for tasks", "", busy_one, busy_two, spin_one,
                   spin_two, park_two) {
  std::atomic<int> left = 0;  // before the start: thread sanitizers do not see how TBB hands over what refers to it
  const auto running = TestType::start();
  auto& pool = TestType::pool();
  for (int i = 0; i < 20; ++i) {
    pool.install([&] { tbb::task_arena(tbb::task_arena::attach()).enqueue([&] { ++left; }); });
  }
  CHECK(eventually([&] { return left == 20; }));
}

TEMPLATE_TEST_CASE("what comes to the arena runs though a worker looked for tasks", "", busy_one, busy_two, spin_one,
                   spin_two, park_two) {
  std::atomic<int> runs = 0;
  const auto running = TestType::start();
  auto& pool = TestType::pool();
  pool.install([] {});
  for (int i = 0; i < 20; ++i) pool.arena().enqueue([&] { ++runs; });
  CHECK(eventually([&] { return runs == 20; }));
  pool.install([&] { ++runs; });
  CHECK(runs == 21);
}

TEMPLATE_TEST_CASE("a scope from outside and a broadcast reach a pool with a worker that looks", "", busy_one, busy_two,
                   spin_one, spin_two, park_two) {
  const auto running = TestType::start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  for (int round = 0; round < 50; ++round) {
    pool.in_place_scope([&](auto& scope) {
      for (int i = 0; i < 10; ++i) scope.spawn([&] { ++runs; });
    });
    REQUIRE(runs == 10 * (round + 1));
    CHECK(pool.broadcast([] {}).size() == pool.size());
  }
}

TEMPLATE_TEST_CASE("a pool with a worker that looks stops, with and without work before", "", busy_one, busy_two,
                   spin_one, spin_two, park_two) {
  for (int round = 0; round < 100; ++round) {
    auto running = TestType::start();
    std::atomic<int> runs = 0;
    for (int i = 0; i < round % 3; ++i) TestType::pool().post([&] { ++runs; });
    running.stop();
    REQUIRE(runs == round % 3);
  }
}
