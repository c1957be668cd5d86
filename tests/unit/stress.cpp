// Many threads post to pools of every kind while the topology stops: what was accepted runs, all else is refused.
#include <array>
#include <atomic>
#include <cstdint>
#include <random>
#include <thread>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/eventually.hpp"

using namespace pinfold_test;

namespace {

struct tally {
  std::atomic<long> accepted = 0;
  std::atomic<long> refused = 0;
  std::atomic<long> run = 0;
};

template <class F>
bool post_to_any(std::uint32_t choice, tally& counts, F&& f) {
  std::size_t chosen = choice % contract::topology.size();
  bool accepted = false;
  contract::topology.for_each([&](auto& pool) {
    if (chosen-- != 0) return;
    // Counted before: a task may have run by the time post() returns.
    ++counts.accepted;
    try {
      pool.post(f);
      accepted = true;
    } catch (const pinfold::pool_stopped&) {
      --counts.accepted;
      ++counts.refused;
    }
  });
  return accepted;
}

// A task that posts on: `children` more, to anywhere. From accepted work this is never refused.
struct branching {
  tally* counts;
  std::uint32_t seed;
  int children;

  void operator()() const {
    ++counts->run;
    for (int child = 0; child < children; ++child) {
      const std::uint32_t next = seed * 1664525U + 1013904223U + static_cast<std::uint32_t>(child);
      post_to_any(next >> 8U, *counts, branching{counts, next, 0});
    }
  }
};

constexpr int outsiders = 4;

// Each outsider posts until it is refused; a stop comes after some of the work has run.
void stop_while_outsiders_post(long run_before_stop, std::uint32_t seed, tally& counts) {
  auto running = contract::topology.start();
  std::array<std::jthread, outsiders> threads;
  for (std::jthread& thread : threads) {
    thread = std::jthread([&counts, seed = ++seed] {
      std::minstd_rand random(seed);
      std::uint32_t choice = 0;
      do {
        choice = static_cast<std::uint32_t>(random());
      } while (post_to_any(choice, counts, branching{&counts, choice, 1}));
    });
  }
  REQUIRE(eventually([&] { return counts.run >= run_before_stop; }));
  running.stop();
}

void post_during_stops(long posts) {
  std::uint32_t round = 0;
  for (long accepted = 0; accepted < posts; ++round) {
    tally counts;
    stop_while_outsiders_post(round % 2 == 0 ? 0 : posts / 20, round * outsiders, counts);
    REQUIRE(counts.run == counts.accepted);
    REQUIRE(counts.refused == outsiders);  // so none of the posts that came from accepted work
    accepted += counts.accepted;
  }
}

}  // namespace

#ifdef PINFOLD_TEST_SANITIZED
TEST_CASE(
    "of 20000 posts from outside and inside during stops exactly the accepted ones run (fewer under a sanitizer)") {
  post_during_stops(20'000);
}
#else
TEST_CASE("of 200000 posts from outside and inside during stops exactly the accepted ones run") {
  post_during_stops(200'000);
}
#endif

TEST_CASE("installs and broadcasts from outside during stops are answered or refused") {
  for (int round = 0; round < 20; ++round) {
    auto running = contract::topology.start();
    std::atomic<long> wrong = 0;
    std::atomic<long> answers = 0;
    {
      std::array<std::jthread, 3> threads;
      for (std::jthread& thread : threads) {
        thread = std::jthread([&] {
          try {
            for (int i = 0;; ++i) {
              wrong += contract::native_pools::two.install([i] { return i; }) != i;
              wrong += contract::asio_pools::two.broadcast([] { return 1; })[1] != 1;
#ifdef PINFOLD_TEST_TBB
              wrong += contract::tbb_pools::one.install([i] { return i; }) != i;
#endif
              ++answers;
            }
          } catch (const pinfold::pool_stopped&) {
          }
        });
      }
      eventually([&] { return answers >= 50; });
      running.stop();
    }
    REQUIRE(wrong == 0);
  }
}

TEST_CASE("managed threads are spawned from outside during stops or refused") {
  for (int round = 0; round < 20; ++round) {
    auto running = contract::topology.start();
    std::atomic<long> spawned = 0;
    std::atomic<long> ran = 0;
    {
      std::array<std::jthread, 3> threads;
      for (std::jthread& thread : threads) {
        thread = std::jthread([&] {
          try {
            for (;;) {
              contract::native_pools::two.spawn_thread("short", [&] { ++ran; }).join();
              ++spawned;
            }
          } catch (const pinfold::pool_stopped&) {
          }
        });
      }
      eventually([&] { return spawned >= 10; });
      running.stop();
    }
    REQUIRE(ran == spawned);
    REQUIRE(contract::native_pools::two.managed_threads() == 0);
  }
}
