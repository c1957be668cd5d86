// Tasks of random kinds, over pools of every kind, from several threads and from tasks, while the topology stops: every
// accepted one runs exactly once, every refused one not at all, and the pools' counts say the same.
#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/eventually.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr std::size_t total = 200'000;
constexpr std::size_t runs_of_topology = 5;
#else
constexpr std::size_t total = 10'000'000;
constexpr std::size_t runs_of_topology = 20;
#endif
constexpr std::size_t family = 8;  // a task from outside, and those that it and its children give away
constexpr std::size_t outsiders = 3;
constexpr std::size_t most_waiting = 20'000;

using random_word = std::uint32_t;
constexpr random_word next(random_word word) { return word * 1664525U + 1013904223U; }

// How often each task has run.
class ledger {
 public:
  explicit ledger(std::size_t tasks) : runs_(std::make_unique<std::atomic<std::uint8_t>[]>(tasks)), size_(tasks) {}

  void note(std::size_t task) noexcept { runs_[task].fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] int runs(std::size_t task) const noexcept { return runs_[task].load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  std::unique_ptr<std::atomic<std::uint8_t>[]> runs_;
  std::size_t size_;
};

struct world {
  explicit world(std::size_t tasks) : book(tasks), accepted(tasks / family) {}

  ledger book;
  std::vector<std::uint8_t> accepted;  // of each family; written by the outsider that offers it
  std::atomic<std::size_t> families_offered = 0;
  std::atomic<std::size_t> families_ended = 0;
  std::atomic<std::size_t> refused_inside = 0;
};

template <class Pool, class F>
void give(Pool& pool, random_word choice, bool inside, const F& f) {
  switch (choice % 8) {
    case 0:
      return asio::post(pool.get_executor(), f);
    case 1:
      return pool.async_invoke(f, [](const std::exception_ptr&) {});
    case 2:
      if constexpr (Pool::spec.kind == pinfold::pool_kind::native) return pool.spawn(f);
      break;
    case 3:
      if (!inside && choice / 8 % 64 == 0) return pool.install(f);
      break;
    default:
      break;
  }
  pool.post(f);
}

template <class F>
void give_to_any(random_word choice, bool inside, const F& f) {
  std::size_t chosen = choice / 65536 % contract::topology.size();
  contract::topology.for_each([&](auto& pool) {
    if (chosen-- == 0) give(pool, choice, inside, f);
  });
}

// Task `place` of its family gives away those of twice its number: 0 -> 1; 1 -> 2, 3; 2 -> 4, 5; 3 -> 6, 7.
struct member {
  world* all;
  std::uint32_t of_family;
  std::uint16_t place;
  random_word seed;

  void operator()() const {
    all->book.note(of_family * family + place);
    for (std::size_t child = place * 2U; child < place * 2U + 2 && child < family; ++child) {
      if (child == 0) continue;
      const random_word choice = next(seed + static_cast<random_word>(child));
      try {
        give_to_any(choice, true, member{all, of_family, static_cast<std::uint16_t>(child), choice});
      } catch (const pinfold::pool_stopped&) {
        ++all->refused_inside;
      }
    }
    if (place == family - 1) ++all->families_ended;
  }
};

// Offers one family after another until it is refused, or all are offered.
void offer(world& all, random_word seed) {
  for (;;) {
    while (all.families_offered - all.families_ended > most_waiting / family) std::this_thread::yield();
    const std::size_t which = all.families_offered++;
    if (which >= all.accepted.size()) return;
    seed = next(seed);
    try {
      give_to_any(seed, false, member{&all, static_cast<std::uint32_t>(which), 0, seed});
      all.accepted[which] = 1;
    } catch (const pinfold::pool_stopped&) {
      ++all.families_ended;
      return;
    }
  }
}

std::uint64_t accepted_by_all() {
  std::uint64_t sum = 0;
  contract::topology.for_each([&](auto& pool) { sum += pool.stats().accepted; });
  return sum;
}

void stop_while_work_comes(std::size_t tasks) {
  world all(tasks);
  const std::uint64_t before = accepted_by_all();
  for (std::size_t run = 1; all.families_offered < all.accepted.size(); ++run) {
    auto running = contract::topology.start();
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < outsiders; ++i) {
      threads.emplace_back([&all, seed = static_cast<random_word>(run * outsiders + i)] { offer(all, seed); });
    }
    const std::size_t goal = all.accepted.size() * run / runs_of_topology;
    REQUIRE(eventually([&] { return all.families_offered >= std::min(goal, all.accepted.size()); }));
    running.stop();
    threads.clear();
    contract::topology.for_each([](auto& pool) {
      const pinfold::pool_stats stats = pool.stats();
      REQUIRE(stats.finished == stats.accepted);
      REQUIRE(stats.running == 0);
    });
  }

  std::size_t wrong = 0;
  std::size_t ran = 0;
  std::size_t refused = 0;
  for (std::size_t which = 0; which < all.accepted.size(); ++which) {
    refused += all.accepted[which] == 0 ? 1 : 0;
    for (std::size_t place = 0; place < family; ++place) {
      const int runs = all.book.runs(which * family + place);
      wrong += runs != all.accepted[which] ? 1 : 0;
      ran += static_cast<std::size_t>(runs);
    }
  }
  INFO(tasks << " tasks, " << refused * family << " of them refused");
  CHECK(wrong == 0);
  CHECK(all.refused_inside == 0);
  CHECK(refused >= 1);
  CHECK(accepted_by_all() - before == ran);
}

}  // namespace

#ifdef PINFOLD_TEST_SANITIZED
TEST_CASE(
    "of 200000 tasks of random kinds during stops each accepted one runs once and each other never (fewer under a "
    "sanitizer)") {
#else
TEST_CASE("of 10000000 tasks of random kinds during stops each accepted one runs once and each other never") {
#endif
  stop_while_work_comes(total);
}
