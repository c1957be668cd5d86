// Workers that wait for other pools, for thieves and for scopes, in every mixture: all of them go on.
#include <array>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "catch.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "theft.hpp"

using namespace pinfold_test;
namespace native = crews::native_pools;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int rounds = 100;
#else
constexpr int rounds = 1'000;
#endif

/// Lets `expected` threads go on together.
class meeting {
 public:
  explicit meeting(int expected) : left_(expected) {}
  void attend() {
    if (--left_ == 0) gate_.open();
    gate_.wait();
  }

 private:
  std::atomic<int> left_;
  held_gate gate_;
};

}  // namespace

TEST_CASE("two pools of one worker that have fallen asleep install into each other") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  for (int round = 0; round < 20; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    meeting both(2);
    native::one.post([&] {
      both.attend();
      native::second.install([&] { ++runs; });
    });
    native::second.post([&] {
      both.attend();
      native::one.install([&] { ++runs; });
    });
    running.wait_idle();
  }
  CHECK(runs == 40);
}

TEST_CASE("a ring of three pools of one worker installs deeply in both directions at once") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  const auto around = [&](auto& self, int at, int step, int left) -> void {
    ++runs;
    if (left == 0) return;
    const auto next = [&] { self(self, (at + step + 3) % 3, step, left - 1); };
    const int to = (at + step + 3) % 3;
    to == 0 ? native::one.install(next) : to == 1 ? native::second.install(next) : native::third.install(next);
  };
  for (int round = 0; round < 50; ++round) {
    native::one.post([&] { around(around, 0, 1, 30); });
    native::second.post([&] { around(around, 1, -1, 30); });
    native::third.post([&] { around(around, 2, 1, 30); });
    running.wait_idle();
  }
  CHECK(runs == 50 * 3 * 31);
}

TEST_CASE("a fork that a worker has stolen installs into another pool, and back into its own") {
  const auto running = crews::topology.start();
  for (int round = 0; round < rounds; ++round) {
    const int result = native::two.install([] {
      std::atomic<bool> begun = false;
      auto forked = pinfold::fork([&] {
        begun = true;
        return native::one.install([] { return native::two.install([] { return 5; }); });
      });
      stolen::settle(begun);
      return forked.join();
    });
    REQUIRE(result == 5);
  }
}

TEST_CASE("joins inside installs inside scopes inside joins go on") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  const auto nest = [&](auto& self, int depth) -> void {
    ++runs;
    if (depth == 0) return;
    const auto deeper = [&self, depth] { self(self, depth - 1); };
    native::two.install([&] {
      pinfold::scope([&](pinfold::task_scope& scope) {
        scope.spawn([&] { native::one.install([&] { pinfold::join(deeper, deeper); }); });
      });
    });
  };
  for (int round = 0; round < 10; ++round) nest(nest, 6);
  CHECK(runs == 10 * 127);
}

TEST_CASE("a join whose thief sleeps returns when the thief is done") {
  const auto running = crews::topology.start();
  for (int round = 0; round < 30; ++round) {
    held_gate gate;
    native::two.post([&] {
      std::atomic<bool> begun = false;
      auto forked = pinfold::fork([&] {
        begun = true;
        gate.wait();
      });
      stolen::settle(begun);
      forked.join();
    });
    gate.wait_for_arrivals(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(round % 3));  // with and without time to fall asleep
    gate.open();
    native::two.wait_idle();
  }
  SUCCEED("every join returned");
}

TEST_CASE("while a thief is held its victim runs other parts of the work") {
  const auto running = crews::topology.start();
  held_gate gate;
  std::atomic<bool> ran = false;
  native::two.install([&] {
    std::atomic<bool> begun = false;
    auto held = pinfold::fork([&] {
      begun = true;
      // The victim, in its join, takes the inner fork, and only that lets the thief go.
      auto inner = pinfold::fork([&] { ran = true; });
      stolen::settle(ran);
      inner.join();
    });
    stolen::settle(begun);
    held.join();
  });
  CHECK(ran);
}

TEST_CASE("an exception from a stolen fork crosses pools to the caller") {
  const auto running = crews::topology.start();
  const std::string message = message_of<std::runtime_error>([] {
    native::one.install([] {
      native::two.install([] {
        std::atomic<bool> begun = false;
        auto forked = pinfold::fork([&] {
          begun = true;
          native::second.install([] { throw std::runtime_error("far away"); });
        });
        stolen::settle(begun);
        forked.join();
      });
    });
  });
  CHECK(message == "far away");
}

TEST_CASE("forks, scopes and futures of three pools that wait for each other all end") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  for (int round = 0; round < rounds / 5; ++round) {
    native::two.spawn_broadcast(
        [&] { native::one.install([&] { runs += native::four.spawn_future([] { return 1; }).get(); }); });
    native::four.spawn_broadcast([&] {
      pinfold::join([&] { native::two.install([&] { ++runs; }); },
                    [&] {
                      native::one.in_place_scope([&](pinfold::task_scope& scope) {
                        scope.spawn([&] { native::two.install([&] { ++runs; }); });
                      });
                    });
    });
  }
  running.wait_idle();
  CHECK(runs == rounds / 5 * (2 + 8));
}
