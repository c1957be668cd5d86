// Scopes of pools of every kind and the run of their topology: before it, while it ends, and after it.
#include <atomic>
#include <boost/asio/post.hpp>
#include <thread>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/held_gate.hpp"
#include "support/pools_at_run_time.hpp"

using namespace pinfold_test;
using pinfold::pool_ref;
using pinfold::pool_scope;

TEST_CASE("scopes outside a running topology are refused, in pools of every kind") {
  for (const pool_ref pool : pools_at_run_time()) {
    CHECK_THROWS_AS(pool.scope([](pool_scope&) {}), pinfold::pool_stopped);
    CHECK_THROWS_AS(pool.in_place_scope([](pool_scope&) {}), pinfold::pool_stopped);
  }
}

TEST_CASE("a topology that stops waits for an in-place scope and what it spawns; started again it has scopes again") {
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    auto running = contract::topology.start();
    held_gate gate;
    std::atomic<int> runs = 0;
    std::jthread outsider([&] {
      pool.in_place_scope([&](pool_scope& scope) {
        scope.spawn([&](pool_scope& same) {
          gate.wait();
          for (int i = 0; i < 10; ++i) same.spawn([&] { ++runs; });
        });
      });
    });
    gate.wait_for_arrivals(1);
    running.request_stop();
    gate.open();
    running.stop();
    CHECK(runs == 10);
  }
}

TEST_CASE("a topology that is stopped before a thread has heard of a scope, and started again, has scopes again") {
  auto& net = contract::asio_pools::one;
  std::atomic<int> runs = 0;
  for (int round = 0; round < 2; ++round) {
    auto running = contract::topology.start();
    net.in_place_scope([&](auto& scope) { scope.spawn([&] { ++runs; }); });
    net.scope([&](auto& scope) {
      // Keeps the thread from what is posted after it, until the context is stopped.
      boost::asio::post(net.context(), [&context = net.context()] {
        while (!context.stopped()) std::this_thread::yield();
      });
      scope.spawn([&] { ++runs; });  // the body runs it itself
    });
  }
  CHECK(runs == 4);
}

TEST_CASE("a scope that a handler of a reactor opens in its own pool is work of the pool") {
  auto running = contract::topology.start();
  auto& pool = contract::asio_pools::two;
  std::atomic<int> begun = 0;
  std::atomic<int> posted = 0;
  held_gate gate;
  boost::asio::post(pool.context(), [&] {
    pool.scope([&](auto& scope) {
      for (int i = 0; i < 2; ++i) {
        scope.spawn([&] {
          ++begun;
          gate.wait();
          contract::native_pools::two.post([&] { ++posted; });
        });
      }
    });
  });
  while (begun == 0) std::this_thread::yield();
  CHECK_FALSE(pool.is_idle());
  running.request_stop();
  gate.open();
  running.stop();
  CHECK(posted == 2);
}
