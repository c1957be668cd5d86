// multi_scope(): scopes of several pools that end together.
#include <array>
#include <atomic>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/escapes.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "support/pools_at_run_time.hpp"

using namespace pinfold_test;
using pinfold::multi_scope;
using pinfold::pool_ref;
using pinfold::pool_scope;
using pinfold::pool_scopes;
namespace asio_pools = contract::asio_pools;
namespace native = contract::native_pools;

TEST_CASE("a multi_scope's body runs on the caller, and each task in the pool of its scope") {
  const auto running = contract::topology.start();
  const auto here = std::this_thread::get_id();
  std::atomic<int> right = 0;
  const auto result =
      multi_scope(native::two, asio_pools::one, pool_ref(native::one), [&](auto& left, auto& net, auto& any) {
        static_assert(std::is_same_v<decltype(left), pinfold::task_scope&>);
        CHECK(std::this_thread::get_id() == here);
        for (int i = 0; i < 50; ++i) {
          left.spawn([&] { right += native::two.contains_this_thread(); });
          net.spawn([&](pool_scope& same) {
            right += asio_pools::one.contains_this_thread();
            same.spawn([&] { right += asio_pools::one.contains_this_thread(); });
          });
          any.spawn([&] { right += native::one.contains_this_thread(); });
        }
        return std::make_unique<int>(4);
      });
  CHECK(right == 200);
  CHECK(*result == 4);
  CHECK(native::two.is_idle());
  CHECK(asio_pools::one.is_idle());
  int number = 0;
  multi_scope(native::one, [&](auto&) -> int& { return number; }) = 3;
  CHECK(number == 3);
}

TEST_CASE("as many scopes as pools are chosen at run time take tasks that borrow the caller's data") {
  const auto running = contract::topology.start();
  // The practice of programs with one pool a device: each file goes to the pool of its device.
  struct file {
    std::size_t device;
    std::vector<int> bytes;
    int sum = 0;
    bool on_its_device = false;
  };
  const auto devices = pools_at_run_time();
  std::vector<file> files;
  for (std::size_t i = 0; i < 300; ++i)
    files.push_back({.device = i % devices.size(), .bytes = std::vector<int>(i, 1)});
  const std::size_t given = multi_scope(devices, [&](pool_scopes& scopes) {
    for (file& each : files) {
      scopes[each.device].spawn([&] {
        each.sum = std::accumulate(each.bytes.begin(), each.bytes.end(), 0);
        each.on_its_device = devices[each.device].contains_this_thread();
      });
    }
    return scopes.size();
  });
  CHECK(given == devices.size());
  for (const file& each : files) {
    CHECK(each.sum == static_cast<int>(each.bytes.size()));
    CHECK(each.on_its_device);
  }
}

TEST_CASE("a multi_scope of no pools runs its body") {
  CHECK(multi_scope(std::span<const pool_ref>(), [](pool_scopes& scopes) { return scopes.size(); }) == 0);
  const auto running = contract::topology.start();
  CHECK(asio_pools::one.install(
      [] { return multi_scope(std::span<const pool_ref>(), [](pool_scopes&) { return true; }); }));
}

TEST_CASE("a multi_scope of more pools than it has places for still works") {
  const auto running = contract::topology.start();
  const std::vector<pool_ref> same(100, pool_ref(native::two));
  std::atomic<int> runs = 0;
  multi_scope(same, [&](pool_scopes& scopes) {
    for (std::size_t i = 0; i < scopes.size(); ++i) scopes[i].spawn([&] { ++runs; });
  });
  CHECK(runs == 100);
}

TEST_CASE("the same pool given twice has two scopes that are cancelled each by itself") {
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    std::atomic<int> first_runs = 0;
    std::atomic<int> second_runs = 0;
    multi_scope(pool, pool, [&](pool_scope& first, pool_scope& second) {
      first.cancel();
      CHECK_FALSE(second.is_cancelled());
      for (int i = 0; i < 20; ++i) {
        first.spawn([&] { ++first_runs; });
        second.spawn([&] { ++second_runs; });
      }
    });
    CHECK(first_runs == 0);
    CHECK(second_runs == 20);
  }
}

TEST_CASE("a multi_scope at run time is cancelled as a whole") {
  const auto running = contract::topology.start();
  const auto pools = pools_at_run_time();
  const auto held = std::make_shared<int>();
  std::atomic<int> runs = 0;
  multi_scope(pools, [&](pool_scopes& scopes) {
    scopes.cancel();
    for (std::size_t i = 0; i < scopes.size(); ++i) {
      CHECK(scopes[i].is_cancelled());
      scopes[i].spawn([&runs, held] { ++runs; });
    }
  });
  CHECK(runs == 0);
  CHECK(held.use_count() == 1);
}

TEST_CASE("the exception of a multi_scope that came first in time is rethrown, when all tasks of all pools have run") {
  escapes seen;
  const auto running = contract::topology.start(seen.options());
  const auto pools = pools_at_run_time();
  std::atomic<int> runs = 0;
  CHECK(message_of<std::runtime_error>([&] {
          multi_scope(native::one, asio_pools::two, [&](auto& first, auto& second) {
            first.spawn([&] {
              ++runs;
              throw std::runtime_error("early");
            });
            first.spawn([&] {  // after it, on the same thread
              second.spawn([&] {
                ++runs;
                throw std::runtime_error("late");
              });
            });
          });
        }) == "early");
  CHECK(runs == 2);
  CHECK(message_of<std::runtime_error>([&] {
          multi_scope(pools, [&](pool_scopes& scopes) {
            for (std::size_t i = 0; i < scopes.size(); ++i) scopes[i].spawn([&] { ++runs; });
            throw std::runtime_error("from the body");
          });
        }) == "from the body");
  CHECK(runs == 2 + static_cast<int>(pools.size()));
  CHECK(seen.all().empty());
}

TEST_CASE("multi_scopes nest, in each other and in tasks") {
  const auto running = contract::topology.start();
  std::vector<pool_ref> pools;
  for (const pool_ref pool : pools_at_run_time()) {
    if (pool.spec().kind != pinfold::pool_kind::asio) pools.push_back(pool);
  }
  std::atomic<int> runs = 0;
  const auto nest = [&](auto& self, int depth) -> void {
    multi_scope(pools, [&](pool_scopes& outer) {
      multi_scope(pools, [&](pool_scopes& inner) {
        for (std::size_t i = 0; i < pools.size(); ++i) {
          outer[i].spawn([&] {
            ++runs;
            if (depth > 0) self(self, depth - 1);
          });
          inner[i].spawn([&] { ++runs; });
        }
      });
    });
  };
  nest(nest, 2);
  const int n = static_cast<int>(pools.size());
  CHECK(runs == 2 * n * (1 + n + n * n));
}

TEST_CASE("a worker that has scopes in its own pool and others runs its pool's tasks while it waits") {
  const auto running = contract::topology.start();
  for (const pool_ref own : pools_of_one_thread()) {
    if (own.spec().kind == pinfold::pool_kind::asio) continue;
    INFO(own.qualified_name());
    std::atomic<int> right = 0;
    own.install([&] {
      multi_scope(own, native::two, asio_pools::two, [&](pool_scope& here, auto& there, pool_scope& net) {
        for (int i = 0; i < 20; ++i) {
          there.spawn([&] {
            here.spawn([&] { right += own.contains_this_thread(); });
            own.install([&] { right += own.contains_this_thread(); });
          });
          net.spawn([&] { here.spawn([&] { right += own.contains_this_thread(); }); });
        }
      });
    });
    CHECK(right == 60);
  }
}

TEST_CASE("a multi_scope with another pool is refused on a thread of an asio pool, before anything runs") {
  const auto running = contract::topology.start();
  const std::string message = asio_pools::one.install([] {
    return message_of<pinfold::would_block>(
        [] { multi_scope(asio_pools::one, native::one, [](auto&, auto&) { FAIL("the body runs"); }); });
  });
  CHECK(contains(message, "native.one.multi_scope() would stall asio.one"));
  const auto pools = pools_at_run_time();
  CHECK_THROWS_AS(asio_pools::one.install([&] { multi_scope(pools, [](pool_scopes&) { FAIL("the body runs"); }); }),
                  pinfold::would_block);
  std::atomic<int> runs = 0;
  asio_pools::one.install([&] {
    multi_scope(asio_pools::one, asio_pools::one, [&](auto& left, auto& right) {
      left.spawn([&] { ++runs; });
      right.spawn([&] { ++runs; });
    });
    CHECK(runs == 2);
  });
}

TEST_CASE("a multi_scope of pools of which one does not run is refused as a whole") {
  const auto pools = pools_at_run_time();
  CHECK_THROWS_AS(multi_scope(pools, [](pool_scopes&) { FAIL("the body runs"); }), pinfold::pool_stopped);
  CHECK_THROWS_AS(multi_scope(native::one, asio_pools::one, [](auto&, auto&) { FAIL("the body runs"); }),
                  pinfold::pool_stopped);
}

TEST_CASE("a topology that stops waits for a multi_scope and for what is spawned in it") {
  auto running = contract::topology.start();
  const auto pools = pools_at_run_time();
  held_gate gate;
  std::atomic<int> runs = 0;
  std::jthread outsider([&] {
    multi_scope(pools, [&](pool_scopes& scopes) {
      scopes[0].spawn([&] {
        gate.wait();
        for (std::size_t i = 0; i < pools.size(); ++i) scopes[i].spawn([&] { ++runs; });
      });
    });
  });
  gate.wait_for_arrivals(1);
  running.request_stop();
  gate.open();
  running.stop();
  CHECK(runs == static_cast<int>(pools.size()));
}
