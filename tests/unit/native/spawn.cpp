// spawn(), spawn_fifo(), and the calls that let a worker run what it spawned: yield_now, yield_local, sync_all.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <vector>

#include "catch.hpp"
#include "support/escapes.hpp"
#include "support/held_gate.hpp"
#include "theft.hpp"

using namespace pinfold_test;
using pinfold::yielded;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int long_chain = 100'000;
#else
constexpr int long_chain = 1'000'000;
#endif

using order = std::vector<int>;

// What spawn() puts on the worker's deque for a closure of so many bytes.
template <std::size_t Bytes>
struct closure {
  std::array<char, Bytes> bytes;
  void operator()() const {}
};
template <std::size_t Bytes>
using spawned = pinfold::detail::counted_here<pinfold::detail::detached_body<closure<Bytes>>>;
static_assert(pinfold::detail::fits_deque<spawned<40>>);
static_assert(!pinfold::detail::fits_deque<spawned<41>>);

}  // namespace

TEST_CASE("on one worker the last spawned function runs first, when the task that spawned it has ended") {
  const auto running = crews::topology.start();
  auto& pool = crews::native_pools::one;
  order seen;
  pool.post([&] {
    for (int i = 0; i < 5; ++i) pinfold::spawn([&, i] { seen.push_back(i); });
    seen.push_back(-1);
  });
  pool.wait_idle();
  CHECK(seen == order{-1, 4, 3, 2, 1, 0});
}

TEST_CASE("on one worker spawn_fifo keeps the order") {
  const auto running = crews::topology.start();
  auto& pool = crews::native_pools::one;
  order seen;
  pool.post([&] {
    for (int i = 0; i < 5; ++i) pinfold::spawn_fifo([&, i] { seen.push_back(i); });
    seen.push_back(-1);
  });
  pool.wait_idle();
  CHECK(seen == order{-1, 0, 1, 2, 3, 4});
}

TEST_CASE("spawn and spawn_fifo mixed: each fifo task runs where one of them lies, in their own order") {
  const auto running = crews::topology.start();
  auto& pool = crews::native_pools::one;
  order seen;
  pool.post([&] {
    for (int i = 0; i < 3; ++i) {
      pinfold::spawn([&, i] { seen.push_back(i); });
      pinfold::spawn_fifo([&, i] { seen.push_back(10 + i); });
    }
  });
  pool.wait_idle();
  CHECK(seen == order{10, 2, 11, 1, 12, 0});
}

TEST_CASE("spawned from outside, functions run in the order of arrival") {
  const auto running = crews::topology.start();
  auto& pool = crews::native_pools::one;
  order seen;
  for (int i = 0; i < 50; ++i) {
    pool.spawn([&, i] { seen.push_back(2 * i); });
    pool.spawn_fifo([&, i] { seen.push_back(2 * i + 1); });
  }
  pool.wait_idle();
  CHECK(seen.size() == 100);
  CHECK(std::is_sorted(seen.begin(), seen.end()));
}

TEST_CASE("a pool's spawn on its own worker is the free function's") {
  const auto running = crews::topology.start();
  auto& pool = crews::native_pools::one;
  order seen;
  pool.post([&] {
    for (int i = 0; i < 3; ++i) pool.spawn([&, i] { seen.push_back(i); });
    for (int i = 10; i < 13; ++i) pool.spawn_fifo([&, i] { seen.push_back(i); });
  });
  pool.wait_idle();
  CHECK(seen == order{10, 11, 12, 2, 1, 0});
}

TEMPLATE_TEST_CASE("a tree of spawned functions runs completely before the pool is idle", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  const auto grow = [&](auto& self, int depth) -> void {
    ++runs;
    if (depth == 0) return;
    pinfold::spawn([&self, depth] { self(self, depth - 1); });
    pinfold::spawn_fifo([&self, depth] { self(self, depth - 1); });
  };
  for (int round = 0; round < 10; ++round) {
    TestType::pool().spawn([&] { grow(grow, 9); });
    TestType::pool().wait_idle();
    REQUIRE(runs == 1023 * (round + 1));
  }
}

TEMPLATE_TEST_CASE("a long chain of functions that spawn each other needs no stack", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  int runs = 0;
  struct link {
    int* runs;
    int left;
    void operator()() const {
      ++*runs;
      if (left <= 1) return;
      left % 2 == 0 ? pinfold::spawn(link{runs, left - 1}) : pinfold::spawn_fifo(link{runs, left - 1});
    }
  };
  TestType::pool().spawn(link{&runs, long_chain});
  TestType::pool().wait_idle();
  CHECK(runs == long_chain);
}

TEMPLATE_TEST_CASE("spawned functions may be move-only and larger than a slot, and each is destroyed", "",
                   PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  const auto held = std::make_shared<int>(1);
  std::atomic<int> sum = 0;
  const auto spawn_all = [&] {
    for (int i = 0; i < 50; ++i) {
      pool.spawn([held, only = std::make_unique<int>(1), &sum] { sum += *only; });
      pool.spawn([held, numbers = std::array<int, 100>{1}, &sum] { sum += numbers[0]; });
      pool.spawn_fifo([held, numbers = std::array<int, 100>{1}, &sum] { sum += numbers[0]; });
    }
  };
  spawn_all();
  pool.install(spawn_all);
  pool.wait_idle();
  CHECK(sum == 300);
  CHECK(held.use_count() == 1);
}

TEMPLATE_TEST_CASE("what leaves a spawned function reaches the handler, and the pool goes on", "", PINFOLD_TEST_CREWS) {
  escapes seen;
  const auto running = crews::topology.start(seen.options());
  auto& pool = TestType::pool();
  pool.install([&] {
    pinfold::spawn([] { throw std::runtime_error("spawned"); });
    pinfold::spawn_fifo([] { throw std::runtime_error("spawned in order"); });
  });
  pool.spawn([] { throw std::runtime_error("from outside"); });
  pool.wait_idle();
  std::vector<std::string> messages;
  for (const escape& each : seen.all()) {
    messages.push_back(each.message);
    CHECK(each.pool == "native." + std::string(pool.spec.name));
  }
  std::sort(messages.begin(), messages.end());
  CHECK(messages == std::vector<std::string>{"from outside", "spawned", "spawned in order"});
  CHECK(pool.install([] { return 1; }) == 1);
}

TEST_CASE("a function spawned under a fork runs before the join of the fork returns on its worker") {
  const auto running = crews::topology.start();
  crews::native_pools::one.install([] {
    order seen;
    auto forked = pinfold::fork([&] { seen.push_back(0); });
    pinfold::spawn([&] { seen.push_back(1); });
    pinfold::spawn([&] { seen.push_back(2); });
    forked.join();
    CHECK(seen == order{2, 1, 0});
  });
}

TEST_CASE("functions that are spawned while a worker waits for a thief are not lost") {
  const auto running = crews::topology.start();
  auto& pool = crews::native_pools::two;
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> runs = 0;
    held_gate gate;
    std::atomic<bool> waits = false;
    pool.post([&] {
      std::atomic<bool> begun = false;
      auto forked = pinfold::fork([&] {
        begun = true;
        gate.wait();
      });
      stolen::settle(begun);
      waits = true;
      forked.join();
    });
    gate.wait_for_arrivals(1);
    while (!waits) std::this_thread::yield();
    // The worker in its join runs its part of the broadcast; the thief, which is held, does so later.
    std::atomic<int> broadcast_runs = 0;
    pool.spawn_broadcast([&] {
      pinfold::spawn([&] { ++runs; });
      ++broadcast_runs;
    });
    while (broadcast_runs == 0) std::this_thread::yield();
    gate.open();
    pool.wait_idle();
    REQUIRE(runs == 2);
  }
}

TEST_CASE("yield_local runs the last spawned function of this worker, or says that there is none") {
  const auto running = crews::topology.start();
  crews::native_pools::one.install([] {
    order seen;
    CHECK(pinfold::yield_local() == yielded::idle);
    CHECK_FALSE(pinfold::has_pending_tasks());
    pinfold::spawn([&] { seen.push_back(1); });
    pinfold::spawn([&] { seen.push_back(2); });
    CHECK(pinfold::has_pending_tasks());
    CHECK(pinfold::yield_local() == yielded::ran_a_task);
    CHECK(seen == order{2});
    CHECK(pinfold::yield_local() == yielded::ran_a_task);
    CHECK(seen == order{2, 1});
    CHECK_FALSE(pinfold::has_pending_tasks());
    CHECK(pinfold::yield_local() == yielded::idle);
  });
}

TEST_CASE("yield_local runs a fork of this worker, whose join then has its value") {
  const auto running = crews::topology.start();
  crews::native_pools::one.install([] {
    int runs = 0;
    auto forked = pinfold::fork([&] { return ++runs; });
    CHECK(pinfold::has_pending_tasks());
    CHECK(pinfold::yield_local() == yielded::ran_a_task);
    CHECK_FALSE(pinfold::has_pending_tasks());
    CHECK(runs == 1);
    CHECK(forked.join() == 1);
    CHECK(runs == 1);
  });
}

TEST_CASE("yield_local runs nothing that was posted, yield_now does") {
  const auto running = crews::topology.start();
  auto& pool = crews::native_pools::one;
  pool.install([&] {
    bool ran = false;
    pool.post([&] { ran = true; });
    CHECK(pinfold::yield_local() == yielded::idle);
    CHECK_FALSE(ran);
    CHECK(pinfold::yield_now() == yielded::ran_a_task);
    CHECK(ran);
    CHECK(pinfold::yield_now() == yielded::idle);
  });
}

TEST_CASE("yield_now runs what another worker forked") {
  const auto running = crews::topology.start();
  auto& pool = crews::native_pools::two;
  std::atomic<bool> forked_ran = false;
  std::atomic<bool> both_inside = false;
  pool.post([&] {
    while (!both_inside) std::this_thread::yield();
    while (!forked_ran) static_cast<void>(pinfold::yield_now());
  });
  pool.post([&] {
    both_inside = true;
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork([&] {
      begun = true;
      forked_ran = true;
    });
    stolen::settle(begun);
    forked.join();
  });
  pool.wait_idle();
  CHECK(forked_ran);
}

TEMPLATE_TEST_CASE("sync_all waits for everything else that the pool accepted", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> runs = 0;
    const int seen = pool.install([&] {
      for (int i = 0; i < 10; ++i) {
        pinfold::spawn([&] { pinfold::spawn_fifo([&] { ++runs; }); });
        pool.post([&] { ++runs; });
      }
      pinfold::sync_all();
      return runs.load();
    });
    REQUIRE(seen == 20);
  }
}

TEMPLATE_TEST_CASE("several tasks in sync_all at once do not wait for each other", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> runs = 0;
    std::atomic<int> early = 0;
    pool.install([&] {  // which none of them can outrun
      for (int task = 0; task < 3; ++task) {
        pool.post([&] {
          pinfold::spawn([&] { ++runs; });
          pinfold::sync_all();
          early += runs != 3;
        });
      }
    });
    pool.wait_idle();
    REQUIRE(early == 0);
  }
}

TEMPLATE_TEST_CASE("tasks whose sync_all has ended may call it again", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  for (int round = 0; round < 50; ++round) {
    std::atomic<int> runs = 0;
    pool.install([&] {
      for (int task = 0; task < 3; ++task) {
        pool.post([&] {
          for (int i = 0; i < 3; ++i) {
            pinfold::spawn([&] { ++runs; });
            pinfold::sync_all();
          }
        });
      }
    });
    pool.wait_idle();
    REQUIRE(runs == 9);
  }
}

TEST_CASE("sync_all runs what was posted also where its worker is deep in waits") {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  const auto bounce = [&](auto& self, int depth) -> void {
    if (depth > 0) {
      crews::native_pools::second.install([&] { crews::native_pools::one.install([&] { self(self, depth - 1); }); });
      return;
    }
    for (int i = 0; i < 10; ++i) crews::native_pools::one.post([&] { ++runs; });
    pinfold::sync_all();
    CHECK(runs == 10);
  };
  crews::native_pools::one.install([&] { bounce(bounce, 30); });
}

TEST_CASE("sync_all in a part of a task that another worker runs is refused with a reason") {
  const auto running = crews::topology.start();
  const std::string message = crews::native_pools::two.install([] {
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork([&] {
      begun = true;
      pinfold::sync_all();
    });
    stolen::settle(begun);
    return message_of<pinfold::would_block>([&] { forked.join(); });
  });
  CHECK(contains(message, "pinfold::sync_all() was called by a part of a task of native.two"));
}

TEMPLATE_TEST_CASE("sync_all in the body of an in-place scope on a worker returns", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  pool.install([&] {
    pool.in_place_scope([&](pinfold::task_scope&) {
      pinfold::spawn([&] { ++runs; });
      pinfold::sync_all();
      CHECK(runs == 1);
    });
  });
}

TEST_CASE("what is spawned while a topology stops runs before the stop returns") {
  for (int round = 0; round < 20; ++round) {
    auto running = crews::topology.start();
    std::atomic<int> runs = 0;
    const auto grow = [&](auto& self, int depth) -> void {
      ++runs;
      if (depth == 0) return;
      pinfold::spawn([&self, depth] { self(self, depth - 1); });
      pinfold::spawn_fifo([&self, depth] { self(self, depth - 1); });
    };
    crews::native_pools::two.spawn([&] { grow(grow, 7); });
    running.stop();
    REQUIRE(runs == 255);
  }
}

TEST_CASE("spawning from outside a running topology is refused") {
  auto& pool = crews::native_pools::one;
  CHECK_THROWS_AS(pool.spawn([] {}), pinfold::pool_stopped);
  CHECK_THROWS_AS(pool.spawn_fifo([] {}), pinfold::pool_stopped);
  CHECK_THROWS_AS(pool.spawn_future([] {}), pinfold::pool_stopped);
  CHECK_THROWS_AS(pool.spawn_broadcast([] {}), pinfold::pool_stopped);
}
