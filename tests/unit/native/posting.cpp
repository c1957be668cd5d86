// post() and try_post(): a bounded queue, in the order of arrival.
#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/deep_stack.hpp"
#include "support/escapes.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "theft.hpp"

using namespace pinfold_test;
namespace native = crews::native_pools;

namespace {

constexpr std::size_t room = native::narrow.spec.inject_slots;

/// The pool's only worker, held in a task for as long as this lives.
class held_worker {
 public:
  held_worker() {
    native::narrow.post([this] { gate_.wait(); });
    gate_.wait_for_arrivals(1);
  }
  held_worker(const held_worker&) = delete;
  held_worker& operator=(const held_worker&) = delete;
  ~held_worker() {
    let_go();
    native::narrow.wait_idle();
  }
  void let_go() { gate_.open(); }

 private:
  held_gate gate_;
};

#ifdef PINFOLD_TEST_SANITIZED
constexpr int posts_each = 5'000;
#else
constexpr int posts_each = 30'000;
#endif

}  // namespace

TEST_CASE("try_post is refused exactly while inject_slots tasks wait") {
  const auto running = crews::topology.start();
  std::atomic<std::size_t> runs = 0;
  for (int round = 0; round < 20; ++round) {
    runs = 0;
    {
      held_worker held;
      for (std::size_t i = 0; i < room; ++i) REQUIRE(native::narrow.try_post([&] { ++runs; }));
      REQUIRE_FALSE(native::narrow.try_post([&] { ++runs; }));
      REQUIRE_FALSE(native::narrow.try_post([&] { ++runs; }));
    }
    REQUIRE(runs == room);
  }
}

TEST_CASE("a function that try_post refuses is destroyed, not run, and the pool is idle all the same") {
  const auto running = crews::topology.start();
  const auto held = std::make_shared<int>();
  {
    held_worker worker;
    for (std::size_t i = 0; i < room; ++i) REQUIRE(native::narrow.try_post([] {}));
    CHECK_FALSE(native::narrow.try_post([held] { FAIL("run"); }));
    CHECK(held.use_count() == 1);
  }
  CHECK(native::narrow.is_idle());
}

TEST_CASE("what leaves a function of try_post reaches the handler") {
  escapes seen;
  const auto running = crews::topology.start(seen.options());
  CHECK(native::one.try_post([] { throw std::runtime_error("tried"); }));
  native::one.wait_idle();
  REQUIRE(seen.all().size() == 1);
  CHECK(seen.all()[0].message == "tried");
}

TEST_CASE("try_post outside a running topology is refused by an exception") {
  CHECK_THROWS_AS(native::one.try_post([] {}), pinfold::pool_stopped);
}

TEST_CASE("a post from outside waits for room, and goes on when there is some") {
  const auto running = crews::topology.start();
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> posted = 0;
    std::atomic<int> runs = 0;
    held_worker held;
    std::jthread poster([&] {
      for (std::size_t i = 0; i < room + 3; ++i) {
        native::narrow.post([&] { ++runs; });
        ++posted;
      }
    });
    REQUIRE(eventually([&] { return posted == room; }));
    // It stays there: the worker is held, and what is posted needs room.
    for (int i = 0; i < 100; ++i) std::this_thread::yield();
    REQUIRE(posted == room);
    held.let_go();
    poster.join();
    native::narrow.wait_idle();
    REQUIRE(runs == room + 3);
  }
}

TEST_CASE("several posts that wait for room at once all get it") {
  const auto running = crews::topology.start();
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> runs = 0;
    {
      std::vector<std::jthread> posters;
      held_worker held;
      for (int poster = 0; poster < 4; ++poster) {
        posters.emplace_back([&] {
          for (int i = 0; i < 20; ++i) native::narrow.post([&] { ++runs; });
        });
      }
      REQUIRE(eventually([] { return !native::narrow.try_post([] {}); }));
      held.let_go();
      for (std::jthread& each : posters) each.join();
    }
    REQUIRE(runs == 80);
  }
}

TEST_CASE("a post from a worker of any pool does not wait for room") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  {
    held_worker held;
    native::one.install([&] {
      for (int i = 0; i < 100; ++i) native::narrow.post([&] { ++runs; });
    });
    crews::asio_pools::net.install([&] {
      for (int i = 0; i < 100; ++i) native::narrow.post([&] { ++runs; });
    });
    CHECK_FALSE(native::narrow.try_post([] {}));
  }
  CHECK(runs == 200);
  native::narrow.install([&] {
    for (int i = 0; i < 100; ++i) native::narrow.post([&] { ++runs; });
  });
  native::narrow.wait_idle();
  CHECK(runs == 300);
}

TEST_CASE("a pool of one worker runs posts in the order of arrival, also those beyond the limit") {
  const auto running = crews::topology.start();
  std::vector<int> seen;
  int next = 0;
  {
    held_worker held;
    native::one.install([&] {
      for (; next < 50; ++next) native::narrow.post([&, next = next] { seen.push_back(next); });
    });
    held.let_go();
    for (; next < 500; ++next) native::narrow.post([&, next = next] { seen.push_back(next); });
  }
  std::vector<int> expected(500);
  std::iota(expected.begin(), expected.end(), 0);
  CHECK(seen == expected);
}

TEMPLATE_TEST_CASE("with many producers nothing is lost and each one's order is kept where there is one worker", "",
                   one_worker, four_workers) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  constexpr int producers = 4;
  struct alignas(64) lane {
    std::atomic<int> last = -1;
    std::atomic<int> runs = 0;
    std::atomic<int> out_of_order = 0;
  };
  std::array<lane, producers> lanes;
  {
    std::vector<std::jthread> threads;
    for (lane& each : lanes) {
      threads.emplace_back([&pool, &each] {
        for (int i = 0; i < posts_each; ++i) {
          pool.post([&each, i] {
            each.out_of_order += each.last.exchange(i) != i - 1;
            ++each.runs;
          });
        }
      });
    }
  }
  pool.wait_idle();
  for (const lane& each : lanes) {
    CHECK(each.runs == posts_each);
    if (pool.size() == 1) CHECK(each.out_of_order == 0);
  }
}

TEST_CASE("producers that try and producers that wait share a narrow pool and lose nothing") {
  const auto running = crews::topology.start();
  std::atomic<int> accepted = 0;
  std::atomic<int> runs = 0;
  {
    std::vector<std::jthread> threads;
    for (int producer = 0; producer < 2; ++producer) {
      threads.emplace_back([&] {
        for (int i = 0; i < 3'000; ++i) {
          native::narrow.post([&] { ++runs; });
          ++accepted;
        }
      });
      threads.emplace_back([&] {
        for (int i = 0; i < 3'000; ++i) accepted += native::narrow.try_post([&] { ++runs; });
      });
    }
  }
  native::narrow.wait_idle();
  CHECK(runs == accepted);
  CHECK(accepted >= 6'000);
}

TEST_CASE("a post that waits for room is not forgotten by a worker that is deep in waits") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  for (int round = 0; round < 200; ++round) {
    std::jthread poster;
    const auto wait_deep_in_stack = [&](auto&& in_one) {
      native::narrow.install(
          [&] { deep_in_stack(native::narrow.spec.stack_kib, [&] { native::one.install(in_one); }); });
    };
    wait_deep_in_stack([&] {
      poster = std::jthread([&] {
        for (std::size_t i = 0; i < room + 2; ++i) native::narrow.post([&] { ++runs; });
      });
      while (native::narrow.try_post([] {})) std::this_thread::yield();
      native::narrow.install([] {});
    });
    poster.join();
    native::narrow.wait_idle();
    REQUIRE(runs == (round + 1) * static_cast<int>(room + 2));
  }
}
