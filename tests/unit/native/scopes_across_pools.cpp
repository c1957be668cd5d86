// Scopes whose body, tasks and pool are not in one place.
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "theft.hpp"

using namespace pinfold_test;
using pinfold::task_scope;
using pinfold::task_scope_fifo;
namespace native = crews::native_pools;

TEMPLATE_TEST_CASE("an in-place scope runs its body on the caller and its tasks in the pool", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  const auto here = std::this_thread::get_id();
  std::atomic<int> in_pool = 0;
  const int result = pool.in_place_scope([&](task_scope& scope) {
    CHECK(std::this_thread::get_id() == here);
    for (int i = 0; i < 100; ++i) scope.spawn([&] { in_pool += pool.contains_this_thread(); });
    return 3;
  });
  CHECK(result == 3);
  CHECK(in_pool == 100);
}

TEST_CASE("an in-place fifo scope from outside runs its tasks in the order of spawning on a pool of one worker") {
  const auto running = crews::topology.start();
  std::vector<int> seen;
  native::one.in_place_scope_fifo([&](task_scope_fifo& scope) {
    for (int i = 0; i < 100; ++i) scope.spawn([&, i] { seen.push_back(i); });
  });
  REQUIRE(seen.size() == 100);
  for (int i = 0; i < 100; ++i) CHECK(seen[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("an in-place scope works on the only worker of its own pool") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  native::one.install([&] {
    native::one.in_place_scope([&](task_scope& scope) {
      for (int i = 0; i < 100; ++i) scope.spawn([&](task_scope& same) { same.spawn([&] { ++runs; }); });
    });
    CHECK(runs == 100);
  });
}

TEST_CASE("an in-place scope on a thread of an asio pool is refused: it would stall its reactor") {
  const auto running = crews::topology.start();
  const std::string message = crews::asio_pools::net.install(
      [] { return message_of<pinfold::would_block>([] { native::one.in_place_scope([](task_scope&) {}); }); });
  CHECK(contains(message, "native.one.in_place_scope() would stall asio.net"));
}

TEST_CASE("an in-place scope on a managed thread of the pool works") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  native::one
      .spawn_thread("managed",
                    [&] {
                      native::one.in_place_scope([&](task_scope& scope) {
                        for (int i = 0; i < 10; ++i) scope.spawn([&] { ++runs; });
                      });
                    })
      .join();
  CHECK(runs == 10);
}

TEMPLATE_TEST_CASE("exceptions of an in-place scope's body and tasks leave it on the caller", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  CHECK(message_of<std::runtime_error>([&] {
          TestType::pool().in_place_scope([&](task_scope& scope) {
            for (int i = 0; i < 10; ++i) scope.spawn([&] { ++runs; });
            throw std::runtime_error("from the body");
          });
        }) == "from the body");
  CHECK(runs == 10);
  CHECK(message_of<std::runtime_error>([&] {
          TestType::pool().in_place_scope([&](task_scope& scope) {
            scope.spawn([] { throw std::runtime_error("from a task"); });
            for (int i = 0; i < 10; ++i) scope.spawn([&] { ++runs; });
          });
        }) == "from a task");
  CHECK(runs == 20);
}

TEST_CASE("scopes outside a running topology are refused") {
  CHECK_THROWS_AS(native::one.scope([](task_scope&) {}), pinfold::pool_stopped);
  CHECK_THROWS_AS(native::one.in_place_scope([](task_scope&) {}), pinfold::pool_stopped);
}

TEST_CASE("a topology that stops waits for an in-place scope and for what is spawned in it") {
  auto running = crews::topology.start();
  held_gate gate;
  std::atomic<int> runs = 0;
  std::jthread outsider([&] {
    native::one.in_place_scope([&](task_scope& scope) {
      scope.spawn([&](task_scope& same) {
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

TEST_CASE("scopes of several pools nest, and each task runs in its scope's pool") {
  const auto running = crews::topology.start();
  std::atomic<int> right = 0;
  native::one.scope([&](task_scope& first) {
    native::second.scope([&](task_scope& second) {
      native::third.scope_fifo([&](task_scope_fifo& third) {
        for (int i = 0; i < 50; ++i) {
          first.spawn([&] { right += native::one.contains_this_thread(); });
          second.spawn([&] { right += native::second.contains_this_thread(); });
          third.spawn([&] { right += native::third.contains_this_thread(); });
        }
      });
    });
  });
  CHECK(right == 150);
}

TEST_CASE("tasks of a scope spawn in the scope of another pool, and back") {
  const auto running = crews::topology.start();
  for (int round = 0; round < 100; ++round) {
    std::atomic<int> right = 0;
    native::one.in_place_scope([&](task_scope& left) {
      native::two.in_place_scope([&](task_scope& other) {
        for (int i = 0; i < 10; ++i) {
          other.spawn([&] {
            left.spawn([&] {
              right += native::one.contains_this_thread();
              // `other` waits for this one's parent only, so the scope that is still open is `left`.
              left.spawn([&] { right += native::one.contains_this_thread(); });
            });
          });
        }
      });
    });
    REQUIRE(right == 20);
  }
}

TEST_CASE("several outsiders have scopes in one pool at once") {
  const auto running = crews::topology.start();
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> outsiders;
    for (int i = 0; i < 3; ++i) {
      outsiders.emplace_back([&] {
        for (int round = 0; round < 200; ++round) {
          std::atomic<int> runs = 0;
          native::two.in_place_scope([&](task_scope& scope) {
            for (int task = 0; task < 10; ++task) scope.spawn([&] { ++runs; });
          });
          wrong += runs != 10;
        }
      });
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("a scope's children are run also where the pools that wait for each other are deep in waits") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  const auto bounce = [&](auto& self, int depth) -> void {
    if (depth > 0) {
      native::one.install([&] { native::second.install([&] { self(self, depth - 1); }); });
      return;
    }
    native::one.in_place_scope([&](task_scope& scope) {
      for (int i = 0; i < 10; ++i) scope.spawn([&](task_scope& same) { same.spawn([&] { ++runs; }); });
    });
  };
  bounce(bounce, 30);
  CHECK(runs == 10);
}
