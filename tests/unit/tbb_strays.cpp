// TBB outside every pool, and the thread that TBB may start for itself.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <arenas/topology.hpp>
#include <open_arenas/topology.hpp>
#include <strays/topology.hpp>

#include "catch.hpp"
#include "support/eventually.hpp"
#include "support/seen_threads.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

std::set<std::thread::id> threads_of_a_stray_parallel_for() {
  seen_threads seen;
  tbb::parallel_for(0, 20'000, [&](int) { seen.add(); });
  return seen.ids();
}

std::size_t allowed_parallelism() {
  return tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
}

// Without a topology TBB would spread it: where there are CPUs for that, this waits until TBB was seen to do so.
void see_tbb_spread_its_work() {
  if (allowed_parallelism() == 1) return;
  REQUIRE(eventually([] { return threads_of_a_stray_parallel_for().size() > 1; }));
}

bool is_of_a_pool(const thread_facts& thread) {
  return thread.name.starts_with("arena-") || thread.name.starts_with("net-");
}

}  // namespace

TEST_CASE("TBB work outside every pool stays on the thread that started it") {
  SECTION("although TBB's own threads ran before") { see_tbb_spread_its_work(); }
  SECTION("and TBB had no threads before") {}
  const auto running = strays::topology.start();
  for (int round = 0; round < 50; ++round) {
    REQUIRE(threads_of_a_stray_parallel_for() == std::set{std::this_thread::get_id()});
    strays::tbb_pools::two.install([] { tbb::parallel_for(0, 1'000, [](int) {}); });
  }
}

TEST_CASE("TBB work on a thread of an asio pool stays there") {
  SECTION("although TBB's own threads ran before") { see_tbb_spread_its_work(); }
  SECTION("and TBB had no threads before") {}
  const auto running = strays::topology.start();
  const auto thread = strays::asio_pools::net.install([] { return std::this_thread::get_id(); });
  for (int round = 0; round < 50; ++round) {
    REQUIRE(strays::asio_pools::net.install(threads_of_a_stray_parallel_for) == std::set{thread});
  }
}

TEST_CASE("TBB spreads its work again when the topology has stopped") {
  const std::size_t before = allowed_parallelism();
  strays::topology.start().stop();
  CHECK(allowed_parallelism() == before);
  see_tbb_spread_its_work();
}

TEST_CASE("with stray_tbb allow the topology leaves TBB's own work alone") {
  const std::size_t before = allowed_parallelism();
  const auto running = open_arenas::topology.start();
  CHECK(allowed_parallelism() == before);
  see_tbb_spread_its_work();
}

// An arena of one slot has two in TBB: a thread of TBB's own would be let in, were the slots not all reserved.
TEST_CASE("with stray_tbb allow TBB's own threads still run nothing of a pool") {
  std::atomic<int> outside = 0;
  const auto running = open_arenas::topology.start();
  const auto check_that_work_stays = [&](auto& pool) {
    const auto note = [&] { outside += pool.contains_this_thread() ? 0 : 1; };
    for (int round = 0; round < 50; ++round) {
      threads_of_a_stray_parallel_for();  // keeps TBB's threads awake
      for (int i = 0; i < 50; ++i) pool.post(note);
      pool.install([&] { tbb::parallel_for(0, 2'000, [&](int) { note(); }); });
    }
    pool.wait_idle();
  };
  check_that_work_stays(open_arenas::tbb_pools::one);
  check_that_work_stays(open_arenas::tbb_pools::two);
  CHECK(outside == 0);
}

TEST_CASE("no thread of TBB's own sits on a pool's core, whoever posts first") {
  std::thread([] {}).join();  // a thread sanitizer starts one of its own with the first
  const std::vector<thread_facts> before = threads_of_this_process();
  cpus_of_cores({0, 1});
  const auto running = arenas::topology.start(on_this_machine());

  SECTION("the first post comes from main") {
    arenas::tbb_pools::one.install([] {});
  }
  SECTION("the first post comes from a thread that is pinned to a pool's core") {
    arenas::asio_pools::net.install([] { arenas::tbb_pools::one.post([] {}); });
  }
  arenas::tbb_pools::two.install([] { tbb::parallel_for(0, 10'000, [](int) {}); });
  running.wait_idle();

  std::vector<thread_facts> own = threads_since(before);
  std::erase_if(own, is_of_a_pool);
  CAPTURE(own.size());
  CHECK(own.size() <= 1);
  for (const thread_facts& thread : own) CHECK(thread.cpus == cpus_of_cores({0}));
}

TEST_CASE("the thread of TBB's own that is kept asleep says so by its name") {
  const auto running = arenas::topology.start(on_this_machine());
  arenas::tbb_pools::one.install([] {});
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!thread_named("tbb-parked") && std::chrono::steady_clock::now() < patience)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(thread_named("tbb-parked"));
}
