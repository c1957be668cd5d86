// The life of a topology: starts, stops, what is accepted when, and who may stop it.
#include <atomic>
#include <csignal>
#include <cstddef>
#include <latch>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <single/topology.hpp>

#include "catch.hpp"
#include "support/child.hpp"
#include "support/contract_pools.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

TEMPLATE_TEST_CASE("work before the start and after the stop is refused clearly", "", PINFOLD_TEST_POOLS) {
  auto& pool = TestType::pool();
  const auto check_refusal = [&] {
    for (const std::string& message : {message_of<pinfold::pool_stopped>([&] { pool.post([] {}); }),
                                       message_of<pinfold::pool_stopped>([&] { pool.install([] {}); }),
                                       message_of<pinfold::pool_stopped>([&] { pool.broadcast([] {}); })}) {
      CHECK(contains(message, "." + std::string(pool.spec.name) + " accepts no work: its topology is not running"));
      CHECK(contains(message, "post between start() and stop(), and keep what start() returns"));
    }
    CHECK(pool.is_idle());
    pool.wait_idle();
  };

  check_refusal();
  contract::topology.start().stop();
  check_refusal();
  CHECK(count_threads_named_like(std::string(pool.spec.thread_name)) == 0);
}

TEMPLATE_TEST_CASE("a refused function is destroyed and not run", "", PINFOLD_TEST_POOLS) {
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> watched = held;
  CHECK_THROWS_AS(TestType::pool().post([held = std::move(held)] { FAIL("it ran"); }), pinfold::pool_stopped);
  CHECK(watched.expired());
}

TEST_CASE("starting twice is a problem and leaves the first run alone") {
  const auto running = contract::topology.start();
  const std::string message = message_of<pinfold::start_error>([] { (void)contract::topology.start(); });
  CHECK(contains(message,
                 "pinfold: cannot start topology 'contract': 1 problem\n  PF213 topology 'contract': it is running "
                 "already\n        remedy: start it once, and again only after its running_topology was stopped"));
  CHECK(contract::native_pools::one.install([] { return 1; }) == 1);
}

TEST_CASE("a start by a thread of the running topology is refused, also while a stop waits for that thread") {
  auto running = contract::topology.start();
  std::latch drains(1);
  std::string refusal;
  contract::native_pools::one.post([&] {
    drains.wait();
    refusal = message_of<pinfold::start_error>([] { (void)contract::topology.start(); });
  });
  std::jthread stopper([&] { running.stop(); });
  try {
    for (;;) {
      (void)contract::native_pools::one.try_post([] {});
      std::this_thread::yield();
    }
  } catch (const pinfold::pool_stopped&) {
    drains.count_down();
  }
  stopper.join();
  CHECK(contains(refusal, "PF213 topology 'contract': it is running already"));
}

TEST_CASE("a topology starts again after it was stopped or its running_topology destroyed") {
  contract::topology.start().stop();
  {
    const auto running = contract::topology.start();
  }
  const auto running = contract::topology.start();
  contract::topology.for_each([](auto& pool) { CHECK(pool.install([] { return 1; }) == 1); });
}

TEST_CASE("stop may be called again and does nothing") {
  auto running = contract::topology.start();
  running.stop();
  running.stop();
  running.request_stop();
  CHECK(running.is_idle());
  CHECK(running.problems().empty());
  running.wait_idle();
}

TEST_CASE("a running topology can be moved and stops once") {
  auto first = contract::topology.start();
  pinfold::running_topology second = std::move(first);
  first.stop();  // NOLINT(bugprone-use-after-move): what a moved-from one says
  CHECK(contract::native_pools::one.install([] { return 1; }) == 1);

  auto other = single::topology.start();
  other = std::move(second);  // stops what `other` held
  CHECK_THROWS_AS(single::native_pools::alone.post([] {}), pinfold::pool_stopped);
  CHECK(contract::native_pools::one.install([] { return 1; }) == 1);

  auto& same = other;
  other = std::move(same);
  CHECK(contract::native_pools::one.install([] { return 1; }) == 1);
  other.stop();
  CHECK_THROWS_AS(contract::native_pools::one.post([] {}), pinfold::pool_stopped);
}

TEST_CASE("two topologies run side by side and stop independently") {
  auto first = contract::topology.start();
  auto second = single::topology.start();
  CHECK(single::native_pools::alone.install([] { return contract::native_pools::one.install([] { return 3; }); }) == 3);
  first.stop();
  CHECK(single::native_pools::alone.install([] { return 4; }) == 4);
  CHECK_THROWS_AS(single::native_pools::alone.install([] { contract::native_pools::one.post([] {}); }),
                  pinfold::pool_stopped);
}

TEST_CASE("child: a thread of the topology stops it", "[.child]") {
  auto running = contract::topology.start();
  contract::native_pools::one.install([&] { running.stop(); });
}

TEST_CASE("a topology that is stopped by its own thread ends the process and names the thread") {
  const child_result child = run_case("child: a thread of the topology stops it");
  CHECK(child.signal == SIGABRT);
  CHECK(contains(child.output,
                 "pinfold: topology 'contract' was stopped by its own thread native-one-0, which cannot join "
                 "itself"));
}

#ifdef PINFOLD_TEST_SANITIZED
constexpr int cycles = 100;
TEST_CASE("under a sanitizer a topology of every kind starts and stops a hundred times") {
#else
constexpr int cycles = 1'000;
TEST_CASE("a topology of every kind starts and stops a thousand times", "[long]") {
#endif
  std::atomic<int> runs = 0;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    auto running = contract::topology.start();
    contract::topology.for_each([&](auto& pool) { pool.post([&] { ++runs; }); });
    if (cycle % 3 == 0) contract::topology.for_each([&](auto& pool) { pool.broadcast([] {}); });
    if (cycle % 5 == 0) running.wait_idle();
    running.stop();
  }
  CHECK(runs == cycles * static_cast<int>(contract::topology.size()));
  CHECK(eventually([] {
    return count_threads_named_like("native-") + count_threads_named_like("asio-") + count_threads_named_like("tbb-") ==
           0;
  }));
}

TEST_CASE("the start and exit handlers run once on every pool's thread, around its tasks") {
  std::mutex mutex;
  std::multiset<std::string> started;
  std::multiset<std::string> ended;
  std::set<std::thread::id> threads;
  pinfold::start_options options;
  options.on_thread_start = [&](const pinfold::pool_thread_info& info) {
    const std::lock_guard lock(mutex);
    started.insert(std::string(info.pool) + ' ' + std::string(info.thread));
    threads.insert(std::this_thread::get_id());
  };
  options.on_thread_exit = [&](const pinfold::pool_thread_info& info) {
    const std::lock_guard lock(mutex);
    const bool same_thread = threads.contains(std::this_thread::get_id());
    ended.insert(same_thread ? std::string(info.pool) + ' ' + std::string(info.thread) : "another thread");
  };

  auto running = contract::topology.start(std::move(options));
  std::size_t pool_threads = 0;
  std::set<std::thread::id> seen;
  contract::topology.for_each([&](auto& pool) {
    pool_threads += pool.size();
    seen.merge(threads_of(pool));
  });
  CHECK(seen == threads);
  CHECK(started.count("native.two native-two-1") == 1);
  CHECK(ended.empty());

  running.stop();
  CHECK(started.size() == pool_threads);
  CHECK(ended == started);
}

TEST_CASE("no handler runs when the start fails") {
  std::atomic<int> calls = 0;
  const auto count = [&](const pinfold::pool_thread_info&) { ++calls; };
  const auto running = contract::topology.start();
  CHECK_THROWS_AS(contract::topology.start({.on_thread_start = count, .on_thread_exit = count}), pinfold::start_error);
  CHECK(calls == 0);
}

TEMPLATE_TEST_CASE("thread-locals are fresh after a restart", "", PINFOLD_TEST_POOLS) {
  static thread_local int marked = 0;
  for (int round = 0; round < 2; ++round) {
    const auto running = contract::topology.start();
    for (const int before : TestType::pool().broadcast([] { return marked++; })) CHECK(before == 0);
  }
}
