// The three idle strategies: each runs work after sleeping or spinning, and each stops.
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <thread>

#include <idling/topology.hpp>

#include "catch.hpp"

using namespace std::chrono_literals;

namespace {

struct asio_parking {
  static auto& pool() { return idling::asio_pools::parking; }
};
struct asio_spinning {
  static auto& pool() { return idling::asio_pools::spinning; }
};
struct asio_busy {
  static auto& pool() { return idling::asio_pools::busy; }
};
struct asio_busy_per_thread {
  static auto& pool() { return idling::asio_pools::busy_apart; }
};
struct native_parking {
  static auto& pool() { return idling::native_pools::parking; }
};
struct native_spinning {
  static auto& pool() { return idling::native_pools::spinning; }
};
struct native_busy {
  static auto& pool() { return idling::native_pools::busy; }
};

}  // namespace

TEMPLATE_TEST_CASE("every idle strategy runs work that comes at once and work that comes late", "", asio_parking,
                   asio_spinning, asio_busy, asio_busy_per_thread, native_parking, native_spinning, native_busy) {
  const auto running = idling::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;

  for (const auto pause : {0us, 5us, 20us, 200us, 2000us}) {
    for (int i = 0; i < 50; ++i) {
      pool.post([&] { ++runs; });
      std::this_thread::sleep_for(pause);
    }
  }
  pool.wait_idle();

  CHECK(runs == 250);
  CHECK(pool.install([&] { return pool.contains_this_thread(); }));
}

TEMPLATE_TEST_CASE("every idle strategy of a reactor fires timers", "", asio_parking, asio_spinning, asio_busy,
                   asio_busy_per_thread) {
  const auto running = idling::topology.start();
  boost::asio::steady_timer timer(TestType::pool().context(), 1ms);
  timer.async_wait(boost::asio::use_future).get();
  SUCCEED("the timer fired");
}

TEST_CASE("topologies whose threads idle in every way stop, with and without work before") {
  for (int round = 0; round < 20; ++round) {
    auto running = idling::topology.start();
    if (round % 2 == 0) {
      idling::topology.for_each([](auto& pool) { pool.post([] {}); });
    }
    running.stop();
  }
  SUCCEED("every stop returned");
}

TEST_CASE("a thread that is awake takes one of two tasks that wait for each other, and a sleeper the other") {
  const auto running = idling::topology.start();
  auto& pool = idling::asio_pools::spinning_pair;
  for (int round = 0; round < 200; ++round) {
    std::this_thread::sleep_for(200us);  // both sleep
    std::atomic<int> arrived = 0;
    std::atomic<int> met = 0;
    const auto meet = [&] {
      ++arrived;
      const auto late = std::chrono::steady_clock::now() + 10s;
      while (arrived != 2 && std::chrono::steady_clock::now() < late) std::this_thread::yield();
      met += arrived == 2 ? 1 : 0;
    };
    std::promise<void> handled;
    const auto post_both = [&] {
      for (int i = 0; i < 2; ++i) pool.post(meet);
      handled.set_value();
    };
    // The first handler ends a sleep; the second one is found by who is awake.
    boost::asio::post(pool.context(), [&] { boost::asio::post(pool.context(), post_both); });
    handled.get_future().wait();
    pool.wait_idle();
    REQUIRE(met == 2);
  }
}
