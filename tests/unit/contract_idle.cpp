// is_idle() and wait_idle(): work is tracked exactly.
#include <atomic>
#include <thread>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;

TEMPLATE_TEST_CASE("a pool is idle when install or broadcast has returned", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  CHECK(pool.is_idle());
  for (int i = 0; i < 500; ++i) {
    pool.install([] {});
    REQUIRE(pool.is_idle());
    pool.broadcast([] {});
    REQUIRE(pool.is_idle());
  }
  CHECK(running.is_idle());
}

TEMPLATE_TEST_CASE("a pool is not idle while a task waits or runs", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;

  pool.post([&] { gate.wait(); });
  CHECK_FALSE(pool.is_idle());
  gate.wait_for_arrivals(1);
  CHECK_FALSE(pool.is_idle());
  CHECK_FALSE(running.is_idle());
  gate.open();
  pool.wait_idle();

  CHECK(pool.is_idle());
}

TEMPLATE_TEST_CASE("wait_idle waits for children that tasks post", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  const auto grow = [&](auto& self, int depth) -> void {
    ++runs;
    if (depth == 0) return;
    for (int child = 0; child < 2; ++child) pool.post([&self, depth] { self(self, depth - 1); });
  };

  pool.post([&] { grow(grow, 9); });
  pool.wait_idle();

  CHECK(runs == 1023);
}

TEMPLATE_TEST_CASE("several threads may wait for idle at once", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> runs = 0;
    for (int i = 0; i < 20; ++i) pool.post([&] { ++runs; });
    std::atomic<int> early = 0;
    {
      std::array<std::jthread, 2> waiters;
      for (std::jthread& waiter : waiters) {
        waiter = std::jthread([&] {
          pool.wait_idle();
          early += runs != 20;
        });
      }
    }
    REQUIRE(early == 0);
  }
}

TEMPLATE_TEST_CASE("wait_idle on a thread of the pool is refused with a reason", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();

  const std::string message = message_of<pinfold::would_block>([&] { pool.install([&] { pool.wait_idle(); }); });

  CHECK(contains(message, std::string(pool.spec.name) + ".wait_idle() was called by a thread of the pool itself"));
}

TEST_CASE("the topology's wait_idle waits for work that goes from pool to pool") {
  const auto running = contract::topology.start();
  std::atomic<int> hops = 0;
  const auto hop = [&](auto& self, int left) -> void {
    ++hops;
    if (left == 0) return;
    if (left % 2 == 0) {
      contract::asio_pools::apart.post([&self, left] { self(self, left - 1); });
    } else {
      contract::native_pools::one.post([&self, left] { self(self, left - 1); });
    }
  };

  contract::native_pools::two.post([&] { hop(hop, 500); });
  running.wait_idle();

  CHECK(hops == 501);
}

TEMPLATE_TEST_CASE("the topology's wait_idle on a thread of it is refused", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  CHECK_THROWS_AS(TestType::pool().install([&] { running.wait_idle(); }), pinfold::would_block);
}
