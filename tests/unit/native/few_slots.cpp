// Workers that can hold hardly any forked task: what does not fit runs in its join or at once, and is counted.
#include <atomic>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <few_slots/topology.hpp>

#include "catch.hpp"
#include "support/escapes.hpp"
#include "support/eventually.hpp"

using namespace pinfold_test;
namespace native = few_slots::native_pools;

namespace {

struct one_slot_alone {
  static auto& pool() { return native::alone; }
};
struct one_slot {
  static auto& pool() { return native::single; }
};
struct two_slots {
  static auto& pool() { return native::couple; }
};
struct three_slots {
  static auto& pool() { return native::triple; }
};
#define FEW_SLOTS one_slot_alone, one_slot, two_slots, three_slots

long fib(int n) {
  if (n < 2) return n;
  auto left = pinfold::fork([n] { return fib(n - 1); });
  const long right = fib(n - 2);
  return left.join() + right;
}

struct slow_theft {
  std::thread::id owner;
  std::atomic<bool> begun = false;
  std::atomic<bool> ended = false;
  std::atomic<int> runs = 0;
};

// Its theft takes until the owner, who waits for that, has taken a task from the thief: one that ends after the theft
// and then spawns on the owner's stack.
class slow_to_move {
 public:
  explicit slow_to_move(slow_theft& theft) : theft_(&theft) {}
  slow_to_move(slow_to_move&& other) noexcept : theft_(other.theft_) {
    if (theft_->owner == std::this_thread::get_id() || theft_->begun.exchange(true)) return;
    std::atomic<bool> taken = false;
    pinfold::spawn([&taken, theft = theft_] {
      taken = true;
      eventually([theft] { return theft->ended.load(); });
      pinfold::spawn([theft] { ++theft->runs; });
    });
    while (!taken) pinfold::join([] {}, [] {});
  }
  void operator()() const {
    ++theft_->runs;
    theft_->ended = true;
  }

 private:
  slow_theft* theft_;
};

}  // namespace

TEMPLATE_TEST_CASE("a recursion far deeper than the slots comes to the right result", "", FEW_SLOTS) {
  const auto running = few_slots::topology.start();
  for (int round = 0; round < 20; ++round) REQUIRE(TestType::pool().install([] { return fib(17); }) == 1597);
}

TEST_CASE("forks beyond the slots are counted, those within are not") {
  const auto running = few_slots::topology.start();
  auto& pool = native::alone;
  const auto before = pool.overflowed();
  pool.install([] { pinfold::fork([] {}).join(); });
  CHECK(pool.overflowed() == before);

  pool.install([] {
    auto a = pinfold::fork([] {});
    auto b = pinfold::fork([] {});
    auto c = pinfold::fork([] {});
    c.join();
    b.join();
    a.join();
  });
  CHECK(pool.overflowed() == before + 2);
}

TEST_CASE("a fork beyond the slots runs in its join, a spawned task beyond them at once") {
  const auto running = few_slots::topology.start();
  auto& pool = native::alone;
  const auto before = pool.overflowed();
  pool.install([] {
    auto first = pinfold::fork([] {});
    bool forked_ran = false;
    auto forked = pinfold::fork([&] { forked_ran = true; });
    bool spawned_ran = false;
    pinfold::spawn([&] { spawned_ran = true; });
    CHECK_FALSE(forked_ran);
    CHECK(spawned_ran);
    forked.join();
    CHECK(forked_ran);
    first.join();
  });
  CHECK(pool.overflowed() == before + 2);
}

TEMPLATE_TEST_CASE("exceptions leave forks beyond the slots", "", FEW_SLOTS) {
  const auto running = few_slots::topology.start();
  TestType::pool().install([] {
    for (int round = 0; round < 100; ++round) {
      auto a = pinfold::fork([] { throw std::runtime_error("a"); });
      auto b = pinfold::fork([] { throw std::runtime_error("b"); });
      auto c = pinfold::fork([text = std::string("c")] { throw std::runtime_error(text); });
      auto d = pinfold::fork([]() -> int { throw std::runtime_error("d"); });
      REQUIRE(message_of<std::runtime_error>([&] { d.join(); }) == "d");
      REQUIRE(message_of<std::runtime_error>([&] { c.join(); }) == "c");
      REQUIRE(message_of<std::runtime_error>([&] { b.join(); }) == "b");
      REQUIRE(message_of<std::runtime_error>([&] { a.join(); }) == "a");
    }
  });
}

TEMPLATE_TEST_CASE("abandoned forks beyond the slots are completed and reported", "", FEW_SLOTS) {
  escapes seen;
  const auto running = few_slots::topology.start(seen.options());
  TestType::pool().install([] {
    const auto a = pinfold::fork([] { throw std::runtime_error("a"); });
    const auto b = pinfold::fork([] { throw std::runtime_error("b"); });
    const auto c = pinfold::fork([text = std::string("c")] { throw std::runtime_error(text); });
    const auto d = pinfold::fork([]() -> int { throw std::runtime_error("d"); });
  });
  CHECK(seen.all().size() == 4);
}

TEMPLATE_TEST_CASE("a task spawned under a fork beyond the slots runs once, also when a yield runs it", "", FEW_SLOTS) {
  const auto running = few_slots::topology.start();
  auto& pool = TestType::pool();
  constexpr std::size_t more_than_slots = 4;
  std::vector<std::atomic<int>> runs(more_than_slots);
  pool.install([&] {
    for (auto& each : runs) pinfold::spawn([&each] { ++each; });
    auto a = pinfold::fork([] { return 1; });
    auto b = pinfold::fork([] { return 2; });
    auto c = pinfold::fork([text = std::string("beyond")] { return text; });
    while (pinfold::yield_local() == pinfold::yielded::ran_a_task) {
    }
    CHECK(c.join() == "beyond");
    CHECK(b.join() == 2);
    CHECK(a.join() == 1);
    CHECK_FALSE(pinfold::has_pending_tasks());
  });
  pool.wait_idle();
  for (const auto& each : runs) CHECK(each == 1);
}

TEMPLATE_TEST_CASE("loops and reductions with few slots are right", "", FEW_SLOTS) {
  const auto running = few_slots::topology.start();
  TestType::pool().install([] {
    for (int round = 0; round < 20; ++round) {
      std::vector<std::atomic<int>> runs(3'000);
      pinfold::parallel_for(std::size_t{0}, runs.size(), [&](std::size_t i) { ++runs[i]; });
      for (const auto& each : runs) REQUIRE(each == 1);
      const auto identity = [](int i) { return i; };
      REQUIRE(pinfold::parallel_reduce(0, 3'000, 0, identity, std::plus<>()) == 4'498'500);
      REQUIRE(pinfold::parallel_reduce(0, 3'000, {.grain = 10, .deterministic = true}, 0, identity, std::plus<>()) ==
              4'498'500);
    }
  });
}

TEMPLATE_TEST_CASE("scopes of either order and spawned trees with few slots run every task", "", FEW_SLOTS) {
  const auto running = few_slots::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  const auto grow = [&](auto& self, auto& scope, int depth) -> void {
    ++runs;
    if (depth == 0) return;
    for (int child = 0; child < 2; ++child) {
      scope.spawn([&self, depth](auto& inner) { self(self, inner, depth - 1); });
    }
  };
  const auto detached = [&](auto& self, int depth) -> void {
    ++runs;
    if (depth == 0) return;
    pinfold::spawn([&self, depth] { self(self, depth - 1); });
    pinfold::spawn_fifo([&self, depth] { self(self, depth - 1); });
  };
  for (int round = 0; round < 20; ++round) {
    pool.scope([&](pinfold::task_scope& scope) { grow(grow, scope, 6); });
    pool.scope_fifo([&](pinfold::task_scope_fifo& scope) { grow(grow, scope, 6); });
    pool.post([&] { detached(detached, 6); });
    pool.wait_idle();
  }
  CHECK(runs == 20 * 3 * 127);
}

TEST_CASE("what a worker runs while it waits for a stolen spawned task may clear that task's slot away and use it") {
  const auto running = few_slots::topology.start();
  auto& pool = native::single;
  slow_theft theft;
  pool.install([&] {
    theft.owner = std::this_thread::get_id();
    pinfold::spawn(slow_to_move(theft));
    while (!theft.begun) pinfold::join([] {}, [] {});  // answers thieves, and leaves the task alone
  });
  pool.wait_idle();
  CHECK(theft.runs == 2);
  for (int round = 0; round < 20; ++round) REQUIRE(pool.install([] { return fib(12); }) == 144);
}
