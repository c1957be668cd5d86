// broadcast() and spawn_broadcast() in native pools, whatever their workers do meanwhile.
#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "support/escapes.hpp"
#include "support/eventually.hpp"
#include "theft.hpp"

using namespace pinfold_test;
namespace native = crews::native_pools;

TEMPLATE_TEST_CASE("a spawned broadcast runs a copy once on every worker", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  const auto held = std::make_shared<int>();
  std::array<std::atomic<int>, std::remove_reference_t<decltype(pool)>::size()> runs{};
  for (int round = 0; round < 100; ++round) {
    pool.spawn_broadcast([&, held] { ++runs.at(*pool.this_thread_index()); });
    pool.install([&] { pool.spawn_broadcast([&, held] { ++runs.at(*pool.this_thread_index()); }); });
  }
  pool.wait_idle();
  for (const auto& each : runs) CHECK(each == 200);
  CHECK(held.use_count() == 1);
}

TEST_CASE("a spawned broadcast does not wait: it may be called by the only worker") {
  const auto running = crews::topology.start();
  int runs = 0;
  native::one.install([&] {
    native::one.spawn_broadcast([&] { ++runs; });
    CHECK(runs == 0);
  });
  native::one.wait_idle();
  CHECK(runs == 1);
}

TEMPLATE_TEST_CASE("what leaves a spawned broadcast reaches the handler once for each worker", "", PINFOLD_TEST_CREWS) {
  escapes seen;
  const auto running = crews::topology.start(seen.options());
  TestType::pool().spawn_broadcast([] { throw std::runtime_error("each"); });
  TestType::pool().wait_idle();
  CHECK(seen.all().size() == TestType::pool().size());
}

TEST_CASE("an exception while a spawned broadcast's function is copied leaves no copy to run") {
  struct copied_twice {
    explicit copied_twice(std::atomic<int>& runs, int& copies) : runs_(&runs), copies_(&copies) {}
    copied_twice(const copied_twice& other) : runs_(other.runs_), copies_(other.copies_) {
      if (++*copies_ == 3) throw std::runtime_error("third copy");
    }
    copied_twice(copied_twice&&) = default;
    void operator()() const { ++*runs_; }

    std::atomic<int>* runs_;
    int* copies_;
  };
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  int copies = 0;
  const copied_twice function(runs, copies);
  CHECK(message_of<std::runtime_error>([&] { native::four.spawn_broadcast(function); }) == "third copy");
  native::four.wait_idle();
  CHECK(runs == 0);
}

TEST_CASE("a broadcast with an exception on one worker rethrows it after all have run") {
  const auto running = crews::topology.start();
  for (std::size_t thrower = 0; thrower < 4; ++thrower) {
    std::atomic<int> runs = 0;
    CHECK(message_of<std::runtime_error>([&] {
            native::four.broadcast([&] {
              ++runs;
              if (native::four.this_thread_index() == thrower) throw std::runtime_error(std::to_string(thrower));
            });
          }) == std::to_string(thrower));
    CHECK(runs == 4);
  }
}

TEST_CASE("broadcasts reach pools whose workers have all fallen asleep") {
  const auto running = crews::topology.start();
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<int> runs = 0;
    native::four.broadcast([&] { ++runs; });
    CHECK(runs == 4);
  }
}

TEST_CASE("two pools broadcast to each other from all their workers") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  for (int round = 0; round < 50; ++round) {
    native::two.spawn_broadcast([&] { native::four.broadcast([&] { ++runs; }); });
    native::four.spawn_broadcast([&] { native::two.broadcast([&] { ++runs; }); });
  }
  running.wait_idle();
  CHECK(runs == 50 * 2 * 8);
}

TEST_CASE("a broadcast reaches workers that wait in joins, scopes and installs") {
  const auto running = crews::topology.start();
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> runs = 0;
    native::four.install([&] {
      pinfold::join([&] { native::four.broadcast([&] { ++runs; }); },
                    [&] {
                      pinfold::scope([&](pinfold::task_scope& scope) {
                        scope.spawn([&] { native::four.broadcast([&] { ++runs; }); });
                      });
                    },
                    [&] { native::one.install([&] { native::four.broadcast([&] { ++runs; }); }); });
    });
    REQUIRE(runs == 12);
  }
}

TEST_CASE("a broadcast from inside a stolen fork reaches the worker that waits for the fork") {
  const auto running = crews::topology.start();
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> runs = 0;
    native::two.install([&] {
      std::atomic<bool> begun = false;
      auto forked = pinfold::fork([&] {
        begun = true;
        native::two.broadcast([&] { ++runs; });
      });
      stolen::settle(begun);
      forked.join();
    });
    REQUIRE(runs == 2);
  }
}
