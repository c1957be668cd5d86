// Stops: workers that sleep and workers that are busy come home, work and its children are done, and idleness comes and
// goes as it should.
#include <atomic>
#include <chrono>
#include <idling/topology.hpp>
#include <thread>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;
using namespace std::chrono_literals;

TEMPLATE_TEST_CASE("a pool turns busy with its first task and idle with the end of its last, again and again", "",
                   PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  for (int round = 0; round < 50; ++round) {
    held_gate gate;
    CHECK(pool.is_idle());
    CHECK(running.is_idle());
    pool.post([&] { gate.wait(); });
    pool.post([] {});
    CHECK_FALSE(pool.is_idle());
    CHECK_FALSE(running.is_idle());
    gate.wait_for_arrivals(1);
    CHECK_FALSE(pool.is_idle());
    gate.open();
    if (round % 2 == 0) {
      pool.wait_idle();
    } else {
      running.wait_idle();
    }
  }
}

TEST_CASE("stop wakes workers that sleep, whatever they do while nothing is to do") {
  for (int round = 0; round < 20; ++round) {
    auto running = idling::topology.start();
    if (round % 2 == 0) std::this_thread::sleep_for(5ms);  // they have fallen asleep, or are about to
    running.stop();
    REQUIRE(eventually([] { return count_threads_named_like("a-") + count_threads_named_like("n-") == 0; }));
  }
}

TEST_CASE("stop waits for workers that are busy, whatever they do while nothing is to do") {
  for (int round = 0; round < 20; ++round) {
    auto running = idling::topology.start();
    std::atomic<int> ended = 0;
    held_gate gate;
    idling::topology.for_each([&](auto& pool) {
      pool.post([&] {
        gate.wait();
        ++ended;
      });
    });
    gate.wait_for_arrivals(idling::topology.size());
    std::jthread opener([&] { gate.open(); });
    running.stop();
    REQUIRE(ended == static_cast<int>(idling::topology.size()));
  }
}

TEMPLATE_TEST_CASE("stop waits for what tasks have spawned or posted, and for the children of that", "",
                   PINFOLD_TEST_POOLS) {
  for (int round = 0; round < 20; ++round) {
    auto running = contract::topology.start();
    auto& pool = TestType::pool();
    std::atomic<int> runs = 0;
    const auto grow = [&](auto& self, int depth) -> void {
      ++runs;
      if (depth == 0) return;
      for (int child = 0; child < 2; ++child) {
        const auto next = [&self, depth] { self(self, depth - 1); };
        if constexpr (std::is_same_v<TestType, native_one> || std::is_same_v<TestType, native_two>) {
          pinfold::spawn(next);
        } else {
          pool.post(next);
        }
      }
    };
    pool.post([&] { grow(grow, 8); });
    running.stop();
    REQUIRE(runs == 511);
  }
}

// The stop begins while the last work ends.
TEST_CASE("no stop sleeps through the end of the last work") {
#ifdef PINFOLD_TEST_SANITIZED
  constexpr int rounds = 200;
#else
  constexpr int rounds = 1'000;
#endif
  INFO(rounds << " starts and stops");
  for (int round = 0; round < rounds; ++round) {
    auto running = contract::topology.start();
    contract::topology.for_each([](auto& pool) { pool.post([] {}); });
    for (int spin = 0; spin < round % 20; ++spin) std::this_thread::yield();
    if (round % 2 == 0) {
      running.stop();
    } else {
      REQUIRE(running.stop(std::chrono::hours(1)).empty());
    }
  }
  SUCCEED("every stop returned");
}
