// Pools of 1, 2 and 4 workers that park, spin or are busy: no wake-up is lost, and all of them stop.
#include <array>
#include <atomic>
#include <thread>

#include <busy_1/topology.hpp>
#include <busy_2/topology.hpp>
#include <busy_4/topology.hpp>
#include <park_1/topology.hpp>
#include <park_2/topology.hpp>
#include <park_4/topology.hpp>
#include <spin_1/topology.hpp>
#include <spin_2/topology.hpp>
#include <spin_4/topology.hpp>

#include "catch.hpp"
#include "support/held_gate.hpp"

using namespace pinfold_test;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int wakes = 1'000;
#else
constexpr int wakes = 10'000;
#endif

struct parking_alone {
  static auto start() { return park_1::topology.start(); }
  static auto& pool() { return park_1::native_pools::crew; }
};
struct parking_two {
  static auto start() { return park_2::topology.start(); }
  static auto& pool() { return park_2::native_pools::crew; }
};
struct parking_four {
  static auto start() { return park_4::topology.start(); }
  static auto& pool() { return park_4::native_pools::crew; }
};
struct spinning_alone {
  static auto start() { return spin_1::topology.start(); }
  static auto& pool() { return spin_1::native_pools::crew; }
};
struct spinning_two {
  static auto start() { return spin_2::topology.start(); }
  static auto& pool() { return spin_2::native_pools::crew; }
};
struct spinning_four {
  static auto start() { return spin_4::topology.start(); }
  static auto& pool() { return spin_4::native_pools::crew; }
};
struct busy_alone {
  static auto start() { return busy_1::topology.start(); }
  static auto& pool() { return busy_1::native_pools::crew; }
};
struct busy_two {
  static auto start() { return busy_2::topology.start(); }
  static auto& pool() { return busy_2::native_pools::crew; }
};
struct busy_four {
  static auto start() { return busy_4::topology.start(); }
  static auto& pool() { return busy_4::native_pools::crew; }
};
#define STRATEGIES \
  parking_alone, parking_two, parking_four, spinning_alone, spinning_two, spinning_four, busy_alone, busy_two, busy_four
#define STRATEGIES_OF_MANY parking_two, parking_four, spinning_two, spinning_four, busy_two, busy_four

thread_local int visits = 0;

}  // namespace

TEMPLATE_TEST_CASE("every post to a pool that may be falling asleep is run", "", STRATEGIES) {
  const auto running = TestType::start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  for (int i = 0; i < wakes; ++i) {
    pool.post([&] { ++runs; });
    pool.wait_idle();
    REQUIRE(runs == i + 1);
  }
}

TEMPLATE_TEST_CASE("every install into a pool that may be falling asleep is answered", "", STRATEGIES) {
  const auto running = TestType::start();
  for (int i = 0; i < wakes / 4; ++i) REQUIRE(TestType::pool().install([i] { return i; }) == i);
}

TEMPLATE_TEST_CASE("every broadcast to a pool that may be falling asleep reaches each worker", "", STRATEGIES) {
  const auto running = TestType::start();
  std::atomic<std::size_t> runs = 0;
  for (int i = 0; i < wakes / 20; ++i) TestType::pool().broadcast([&] { ++runs; });
  CHECK(runs == wakes / 20 * TestType::pool().size());
}

TEMPLATE_TEST_CASE("a fork wakes a sleeper who takes it", "", STRATEGIES_OF_MANY) {
  const auto running = TestType::start();
  for (int round = 0; round < wakes / 20; ++round) {
    TestType::pool().install([] {
      std::atomic<bool> begun = false;
      auto forked = pinfold::fork([&] { begun = true; });
      while (!begun) {
        pinfold::fork([] {}).join();
        std::this_thread::yield();
      }
      forked.join();
    });
  }
  SUCCEED("another worker has come each time");
}

TEMPLATE_TEST_CASE("a spawned task is taken by another worker while its own one is held", "", STRATEGIES_OF_MANY) {
  const auto running = TestType::start();
  for (int round = 0; round < wakes / 20; ++round) {
    TestType::pool().install([] {
      std::atomic<bool> ran = false;
      pinfold::spawn([&] { ran = true; });
      // Held: nothing but new tasks lets the worker look for who asks.
      while (!ran) {
        pinfold::fork([] {}).join();
        std::this_thread::yield();
      }
    });
  }
  SUCCEED("another worker has come each time");
}

TEMPLATE_TEST_CASE("two outsiders who wait in turn are each answered", "", STRATEGIES) {
  const auto running = TestType::start();
  std::atomic<int> runs = 0;
  {
    std::array<std::jthread, 2> outsiders;
    for (std::jthread& each : outsiders) {
      each = std::jthread([&] {
        for (int i = 0; i < wakes / 8; ++i) TestType::pool().install([&] { ++runs; });
      });
    }
  }
  CHECK(runs == wakes / 8 * 2);
}

TEMPLATE_TEST_CASE("a stop wakes workers that sleep, and waits for those that work", "", STRATEGIES) {
  for (int round = 0; round < 20; ++round) {
    auto running = TestType::start();
    std::atomic<int> runs = 0;
    held_gate gate;
    if (round % 2 == 1) {
      TestType::pool().post([&] {
        gate.wait();
        for (int i = 0; i < 10; ++i) pinfold::spawn([&] { pinfold::spawn_fifo([&] { ++runs; }); });
      });
      gate.wait_for_arrivals(1);
      gate.open();
    }
    running.stop();
    REQUIRE(runs == (round % 2 == 1 ? 10 : 0));
  }
}

TEMPLATE_TEST_CASE("workers after a restart are new threads with thread-locals of their own", "", STRATEGIES) {
  for (int round = 0; round < 5; ++round) {
    const auto running = TestType::start();
    for (const int count : TestType::pool().broadcast([] { return ++visits; })) REQUIRE(count == 1);
    for (const int count : TestType::pool().broadcast([] { return ++visits; })) REQUIRE(count == 2);
  }
}
