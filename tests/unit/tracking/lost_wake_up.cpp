// Who waits for idleness, blocked or asynchronously, is woken by the burst of work that he waits for and by no other.
#include <array>
#include <atomic>
#include <barrier>
#include <boost/asio/use_future.hpp>
#include <cstdint>
#include <random>
#include <thread>

#include "catch.hpp"
#include "support/contract_pools.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int rounds = 500;
#else
constexpr int rounds = 5'000;
#endif
constexpr std::uint32_t most_tasks = 6;

using random_source = std::minstd_rand;

void dawdle(random_source& random) {
  for (auto spins = random() % 200; spins != 0; --spins) asm volatile("");
  if (random() % 8 == 0) std::this_thread::yield();
}

// Tasks go from pool to pool; `runs` counts them all.
struct hopping {
  std::atomic<std::uint64_t>* runs;
  std::uint32_t left;

  void operator()() const {
    ++*runs;
    if (left == 0) return;
    const hopping next{runs, left - 1};
    left % 2 == 0 ? contract::asio_pools::two.post(next) : contract::native_pools::two.post(next);
  }
};

// In each round some tasks are posted and nothing after them, while all waiters wait: a lost wake-up hangs. Who waits
// for a pool that the others' work visits may return early; who waits for the topology after the post has seen it all.
template <class Pool>
void wait_in_rounds(Pool& pool, std::uint32_t seed) {
  const auto running = contract::topology.start();
  std::atomic<std::uint64_t> runs = 0;
  std::atomic<std::uint64_t> posted = 0;
  std::uint64_t unfinished = 0;
  std::barrier meeting(5);
  const auto waiter = [&](std::uint32_t which, auto wait) {
    return [&, which, wait] {
      random_source random(seed * 31 + which);
      for (int round = 0; round < rounds; ++round) {
        meeting.arrive_and_wait();
        dawdle(random);
        wait();
        meeting.arrive_and_wait();
      }
    };
  };
  std::array<std::jthread, 4> waiters{
      std::jthread(waiter(0, [&] { pool.wait_idle(); })),
      std::jthread(waiter(1, [&] { running.wait_idle(); })),
      std::jthread(waiter(2, [&] { pool.wait_idle(asio::use_future).get(); })),
      std::jthread(waiter(3, [&] { running.wait_idle(asio::use_future).get(); })),
  };
  random_source random(seed);
  for (int round = 0; round < rounds; ++round) {
    meeting.arrive_and_wait();
    const auto tasks = static_cast<std::uint32_t>(random() % most_tasks);
    for (std::uint32_t i = 0; i < tasks; ++i) {
      const auto hops = static_cast<std::uint32_t>(random() % 4);
      posted += hops + 1;
      pool.post(hopping{&runs, hops});
    }
    dawdle(random);
    if (round % 2 == 0) {
      running.wait_idle();
      unfinished += runs != posted ? 1 : 0;
    } else {
      running.wait_idle(asio::use_future).get();
      unfinished += runs != posted ? 1 : 0;
    }
    meeting.arrive_and_wait();
  }
  CHECK(unfinished == 0);
  CHECK(runs == posted);
}

}  // namespace

#ifdef PINFOLD_TEST_TBB
#define WAITED_POOLS asio_two, native_one, tbb_two
#else
#define WAITED_POOLS asio_two, native_one
#endif

TEMPLATE_TEST_CASE("no waiter, blocked or asynchronous, of a pool or of the topology, sleeps through idleness", "",
                   WAITED_POOLS) {
  INFO(rounds << " bursts, four waiters");
  wait_in_rounds(TestType::pool(), 7);
}
