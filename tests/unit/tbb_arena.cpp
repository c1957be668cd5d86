// A tbb pool is its threads: nothing of it runs elsewhere, and TBB's algorithms inside use all of them.
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_reduce.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include <arenas/topology.hpp>

#include "catch.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

// The C library takes every thread's thread_locals off its stack: these, larger than the smallest stack, must not
// count.
thread_local std::array<volatile char, 256 * 1024> large_thread_local;

struct one {
  static auto& pool() { return arenas::tbb_pools::one; }
};
struct two_with_small_stacks {
  static auto& pool() { return arenas::tbb_pools::two; }
};

}  // namespace

TEMPLATE_TEST_CASE("parallel_for inside a pool stays on the pool's threads", "", one, two_with_small_stacks) {
  const auto running = arenas::topology.start(on_this_machine());
  auto& pool = TestType::pool();
  std::atomic<int> outside = 0;
  std::atomic<int> iterations = 0;

  for (int round = 0; round < 20; ++round) {
    pool.install([&] {
      tbb::parallel_for(0, 10'000, [&](int) {
        ++iterations;
        if (!pool.contains_this_thread()) ++outside;
      });
    });
  }

  CHECK(iterations == 200'000);
  CHECK(outside == 0);
}

// Two iterations that wait for each other end only if two threads run them.
TEST_CASE("parallel_for really uses both threads of a pool of two even with small stacks and large thread_locals") {
  const auto running = arenas::topology.start(on_this_machine());
  auto& pool = arenas::tbb_pools::two;
  static_assert(pool.spec.stack_kib == 64);

  for (int round = 0; round < 100; ++round) {
    std::array<std::atomic<int>, 2> by_thread{};
    held_gate gate;
    std::atomic<int> arrived = 0;
    pool.install([&] {
      tbb::parallel_for(
          0, 2,
          [&](int) {
            large_thread_local.back() = 1;
            ++by_thread[pool.this_thread_index().value()];
            if (++arrived == 2) gate.open();
            gate.wait();
          },
          tbb::simple_partitioner());
    });
    REQUIRE(by_thread[0] == 1);
    REQUIRE(by_thread[1] == 1);
  }
}

TEST_CASE("a task of a pool with the smallest stack has the declared stack to itself") {
  const auto running = arenas::topology.start(on_this_machine());
  const int sum = arenas::tbb_pools::two.install([] {
    std::array<volatile char, 48 * 1024> frame{};
    for (std::size_t i = 0; i < frame.size(); i += 1024) frame[i] = 1;
    int touched = 0;
    for (std::size_t i = 0; i < frame.size(); i += 1024) touched += frame[i];
    return touched;
  });
  CHECK(sum == 48);
}

TEMPLATE_TEST_CASE("parallel_reduce inside a pool computes the right answer", "", one, two_with_small_stacks) {
  const auto running = arenas::topology.start(on_this_machine());
  const long sum = TestType::pool().install([] {
    return tbb::parallel_reduce(
        tbb::blocked_range<long>(0, 100'000), 0L,
        [](const tbb::blocked_range<long>& range, long part) {
          for (long i = range.begin(); i != range.end(); ++i) part += i;
          return part;
        },
        std::plus<>());
  });
  CHECK(sum == 4'999'950'000);
}

TEST_CASE("nothing of a pool of one thread runs anywhere else whatever is thrown at it") {
  auto& pool = arenas::tbb_pools::one;
  std::atomic<int> elsewhere = 0;
  std::atomic<bool> last = false;
  const auto note = [&] { elsewhere += pool.contains_this_thread() ? 0 : 1; };
  const auto running = arenas::topology.start(on_this_machine());

  for (int round = 0; round < 50; ++round) {
    pool.install([&] { tbb::parallel_for(0, 500, [&](int) { note(); }); });
    for (int i = 0; i < 20; ++i) pool.post(note);
    pool.post([&] {
      tbb::task_group group;
      for (int i = 0; i < 20; ++i) group.run(note);
      group.wait();
    });
    pool.arena().enqueue(note);
  }
  pool.broadcast([&] { note(); });
  pool.wait_idle();
  // What went straight to the arena is not the pool's work: the pool does not count it.
  pool.arena().enqueue([&] { last = true; });
  CHECK(eventually([&] { return last.load(); }));

  CHECK(elsewhere == 0);
}

// arena().execute() joins the caller where a slot is free, and in a pool of one thread one is. Waiting there on a task
// that was only promised, the caller is offered everything that comes to the arena.
TEST_CASE("a caller that enters the arena by itself does not run the pool's tasks") {
  auto& pool = arenas::tbb_pools::one;
  std::atomic<int> foreign = 0;
  std::atomic<int> ran = 0;
  const auto running = arenas::topology.start(on_this_machine());
  held_gate busy;
  pool.post([&] { busy.wait(); });
  busy.wait_for_arrivals(1);
  for (int i = 0; i < 100; ++i) {
    pool.post([&] {
      foreign += pool.contains_this_thread() ? 0 : 1;
      ++ran;
    });
  }

  tbb::task_group group;
  tbb::task_handle promise = group.defer([] {});
  std::atomic<bool> inside = false;
  std::thread releaser([&] {
    eventually([&] { return inside.load(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // for the caller to be offered some
    busy.open();
    eventually([&] { return ran == 100; });
    promise = {};
  });
  pool.arena().execute([&] {
    inside = true;
    group.wait();
  });
  releaser.join();
  pool.wait_idle();

  CHECK(ran == 100);
  CHECK(foreign == 0);
}

TEMPLATE_TEST_CASE("a stop with much work queued runs all of it first", "", one, two_with_small_stacks) {
  for (int round = 0; round < 20; ++round) {
    auto running = arenas::topology.start(on_this_machine());
    auto& pool = TestType::pool();
    std::atomic<int> runs = 0;
    for (int i = 0; i < 1'000; ++i) {
      pool.post([&] {
        ++runs;
        pool.post([&] { ++runs; });
      });
    }
    running.stop();
    REQUIRE(runs == 2'000);
  }
}

TEST_CASE("the arena of a pool that does not run is refused") {
  CHECK_THROWS_AS(arenas::tbb_pools::one.arena(), pinfold::pool_stopped);
}
