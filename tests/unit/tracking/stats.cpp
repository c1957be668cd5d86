// What only some kinds of pools are given: blocking calls, spawned tasks, scopes, forks; and waits inside waits.
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <few_slots/topology.hpp>
#include <future>
#include <reactors/topology.hpp>
#include <thread>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/deep_stack.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "tracking/counts.hpp"

using namespace pinfold_test;
using pinfold::pool_stats;
namespace asio = boost::asio;

namespace {

// What `use` gave the pool, once that has ended.
template <class Pool, class Use>
std::uint64_t count_of(Pool& pool, Use&& use) {
  const counts_since counts(pool);
  use();
  pool.wait_idle();
  CHECK(counts.now().running == 0);
  CHECK(counts.now().finished == counts.now().accepted);
  return counts.now().accepted;
}

}  // namespace

TEST_CASE("blocking calls count, beside what the worker runs") {
  const auto running = reactors::topology.start();
  auto& pool = reactors::asio_pools::files;
  const counts_since counts(pool);
  held_gate gate;
  for (int i = 0; i < 3; ++i) pool.async_blocking([&] { gate.wait(); }, [](const std::exception_ptr&) {});
  pool.post([&] { gate.wait(); });
  gate.wait_for_arrivals(3);
  CHECK(counts.now() == pool_stats{.accepted = 4, .running = 3, .finished = 0});
  gate.open();
  pool.wait_idle();
  CHECK(counts.now() == done(4 + 3));  // the completions are handed to the workers
}

TEST_CASE("spawned tasks count, forks and tasks of scopes are part of what made them") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  const auto nothing = [] {};
  CHECK(count_of(pool, [&] { pool.spawn(nothing); }) == 1);
  CHECK(count_of(pool, [&] { pool.spawn_fifo(nothing); }) == 1);
  CHECK(count_of(pool, [&] { pool.spawn_future(nothing).get(); }) == 1);
  CHECK(count_of(pool, [&] { pool.spawn_broadcast(nothing); }) == 2);
  CHECK(count_of(pool, [&] {
          pool.install([&] {
            for (int i = 0; i < 5; ++i) pinfold::spawn(nothing);
            for (int i = 0; i < 5; ++i) pinfold::spawn_fifo(nothing);
            pinfold::spawn_future(nothing).get();
          });
        }) == 12);
  CHECK(count_of(pool, [&] {
          pool.install([&] {
            pinfold::join(nothing, nothing);
            pinfold::parallel_for(0, 100, [](int) {});
          });
        }) == 1);
  CHECK(count_of(pool, [&] {
          pool.scope([&](pinfold::task_scope& scope) {
            for (int i = 0; i < 5; ++i) scope.spawn(nothing);
          });
        }) == 1);
}

TEST_CASE("an in-place scope counts as running work, and its tasks as they come in from its caller") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  const counts_since counts(pool);
  pool.in_place_scope([&](pinfold::task_scope& scope) {
    CHECK(counts.now() == pool_stats{.accepted = 1, .running = 1, .finished = 0});
    for (int i = 0; i < 3; ++i) scope.spawn([] {});
  });
  pool.wait_idle();
  CHECK(counts.now() == done(4));
}

TEST_CASE("a spawned task counts once, also where it runs at once or goes to the queue for want of room") {
  const auto running = few_slots::topology.start();
  auto& pool = few_slots::native_pools::alone;
  const auto spawn_ten = [&] {
    for (int i = 0; i < 10; ++i) pinfold::spawn([] {});
  };
  CHECK(count_of(pool, [&] { pool.install(spawn_ten); }) == 11);
  CHECK(pool.overflowed() != 0);
  CHECK(count_of(pool, [&] { pool.install([&] { deep_in_stack(pool.spec.stack_kib, spawn_ten); }); }) == 11);
  CHECK(count_of(pool, [&] {
          pool.install([&] {
            deep_in_stack(pool.spec.stack_kib, [&] {
              pinfold::scope([](pinfold::task_scope& scope) {
                for (int i = 0; i < 10; ++i) scope.spawn([] {});
              });
            });
          });
        }) == 1);
}

TEST_CASE("what try_post had no room for is not counted") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::one;
  const counts_since counts(pool);
  held_gate gate;
  pool.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  std::uint64_t taken = 0;
  while (pool.try_post([] {})) ++taken;
  CHECK(counts.now() == pool_stats{.accepted = taken + 1, .running = 1, .finished = 0});
  CHECK(counts.now().waiting() == taken);
  gate.open();
  pool.wait_idle();
  CHECK(counts.now() == done(taken + 1));
}

TEST_CASE("tasks that a worker runs inside a wait run beside the one that waits") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::one;
  const counts_since counts(pool);
  held_gate gate;
  pool.post([&] { contract::native_pools::two.install([&] { pool.install([&] { gate.wait(); }); }); });
  gate.wait_for_arrivals(1);
  CHECK(counts.now() == pool_stats{.accepted = 2, .running = 2, .finished = 0});
  gate.open();
  running.wait_idle();
  CHECK(counts.now() == done(2));
}

TEST_CASE("a coroutine of spawn_async counts until it ends, beside each of its steps, and runs in its steps only") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::one;
  const counts_since counts(pool);
  held_gate gate;
  const auto body = [&]() -> asio::awaitable<int> {
    co_return co_await contract::native_pools::two.async_invoke([&] {
      gate.wait();
      return 5;
    });
  };
  auto task = pool.spawn_async(body());
  gate.wait_for_arrivals(1);
  CHECK(eventually([&] { return counts.now() == pool_stats{.accepted = 2, .running = 0, .finished = 1}; }));
  CHECK(counts.now().waiting() == 1);
  gate.open();
  std::promise<int> result;
  task.join([&](const std::exception_ptr&, int value) { result.set_value(value); });
  CHECK(result.get_future().get() == 5);
  running.wait_idle();
  CHECK(counts.now() == done(counts.now().accepted));
  CHECK(counts.now().accepted >= 3);
}

TEST_CASE("a managed thread is no piece of work, what it gives a pool is") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  CHECK(count_of(pool, [&] { pool.spawn_thread("idle", [] {}).join(); }) == 0);
  CHECK(count_of(pool, [&] { pool.spawn_thread("busy", [&] { pool.install([] {}); }).join(); }) == 1);
}

TEST_CASE("counts go on over the runs of a topology") {
  auto& pool = contract::native_pools::one;
  const counts_since counts(pool);
  for (int run = 1; run <= 3; ++run) {
    auto running = contract::topology.start();
    pool.install([] {});
    running.stop();
    CHECK(counts.now() == done(static_cast<std::uint64_t>(run)));
  }
}
