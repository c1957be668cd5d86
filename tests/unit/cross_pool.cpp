// Pools of one thread each that install into each other go on.
#include <atomic>
#include <stdexcept>

#include <rings/topology.hpp>

#include "catch.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
namespace native = rings::native_pools;
#ifdef PINFOLD_TEST_TBB
namespace tbb_pools = rings::tbb_pools;
#endif

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int rounds = 200;
#else
constexpr int rounds = 1'000;
#endif

struct native_to_native {
  static auto& left() { return native::a; }
  static auto& right() { return native::b; }
};
#ifdef PINFOLD_TEST_TBB
struct tbb_to_tbb {
  static auto& left() { return tbb_pools::a; }
  static auto& right() { return tbb_pools::b; }
};
struct tbb_to_native {
  static auto& left() { return tbb_pools::a; }
  static auto& right() { return native::a; }
};
#define PINFOLD_TEST_COUPLES native_to_native, tbb_to_tbb, tbb_to_native
#else
#define PINFOLD_TEST_COUPLES native_to_native
#endif

}  // namespace

TEMPLATE_TEST_CASE("two pools of one thread that install into each other at once never deadlock", "",
                   PINFOLD_TEST_COUPLES) {
  const auto running = rings::topology.start();
  auto& left = TestType::left();
  auto& right = TestType::right();
  std::atomic<int> runs = 0;

  // Both threads are first brought into a task, so that each waits for a pool whose only thread waits for it.
  for (int round = 0; round < rounds; ++round) {
    held_gate both_inside;
    std::atomic<int> inside = 0;
    const auto meet = [&] {
      if (++inside == 2) both_inside.open();
      both_inside.wait();
    };
    left.post([&] {
      meet();
      right.install([&] { ++runs; });
    });
    right.post([&] {
      meet();
      left.install([&] { ++runs; });
    });
    running.wait_idle();
  }

  CHECK(runs == 2 * rounds);
}

TEMPLATE_TEST_CASE("installs from pool to pool and back nest deeply", "", PINFOLD_TEST_COUPLES) {
  const auto running = rings::topology.start();
  auto& left = TestType::left();
  auto& right = TestType::right();
  const auto bounce = [&](auto& self, int depth) -> int {
    if (depth == 0) return 0;
    return 1 + (depth % 2 == 0 ? left.install([&] { return self(self, depth - 1); })
                               : right.install([&] { return self(self, depth - 1); }));
  };
  CHECK(bounce(bounce, 100) == 100);
}

TEMPLATE_TEST_CASE("an exception crosses from pool to pool to the caller", "", PINFOLD_TEST_COUPLES) {
  const auto running = rings::topology.start();
  const std::string message = message_of<std::runtime_error>([] {
    TestType::left().install([] { TestType::right().install([] { throw std::runtime_error("far away"); }); });
  });
  CHECK(message == "far away");
}

TEMPLATE_TEST_CASE("a worker that waits for another pool runs its own pool's tasks meanwhile", "",
                   PINFOLD_TEST_COUPLES) {
  const auto running = rings::topology.start();
  auto& left = TestType::left();
  auto& right = TestType::right();
  held_gate right_is_held;
  right.post([&] { right_is_held.wait(); });
  right_is_held.wait_for_arrivals(1);
  std::atomic<bool> helped = false;

  // The right pool is let go by a task of the left pool, whose only thread waits for the right pool.
  left.post([&] {
    left.post([&] {
      helped = true;
      right_is_held.open();
    });
    right.install([] {});
  });
  running.wait_idle();

  CHECK(helped);
}

namespace {

template <class A, class B, class C>
int runs_of_a_ring(A& a, B& b, C& c, const pinfold::running_topology& running) {
  std::atomic<int> runs = 0;
  for (int round = 0; round < rounds; ++round) {
    held_gate all_inside;
    std::atomic<int> inside = 0;
    const auto meet = [&] {
      if (++inside == 3) all_inside.open();
      all_inside.wait();
    };
    a.post([&] {
      meet();
      b.install([&] { ++runs; });
    });
    b.post([&] {
      meet();
      c.install([&] { ++runs; });
    });
    c.post([&] {
      meet();
      a.install([&] { ++runs; });
    });
    running.wait_idle();
  }
  return runs;
}

}  // namespace

TEST_CASE("three native pools of one thread that install in a ring never deadlock") {
  const auto running = rings::topology.start();
  CHECK(runs_of_a_ring(native::a, native::b, native::c, running) == 3 * rounds);
}

#ifdef PINFOLD_TEST_TBB
TEST_CASE("three tbb pools of one thread that install in a ring never deadlock") {
  const auto running = rings::topology.start();
  CHECK(runs_of_a_ring(tbb_pools::a, tbb_pools::b, tbb_pools::c, running) == 3 * rounds);
}

TEST_CASE("a ring of tbb and native and tbb pools of one thread never deadlocks") {
  const auto running = rings::topology.start();
  CHECK(runs_of_a_ring(tbb_pools::a, native::b, tbb_pools::c, running) == 3 * rounds);
}
#endif
