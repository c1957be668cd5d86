// Random trees of scopes over pools of every kind, with exceptions and cancellations.
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdint>
#include <future>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/escapes.hpp"
#include "support/pools_at_run_time.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;
using pinfold::pool_ref;
using pinfold::pool_scope;
using pinfold::pool_scopes;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int trees = 60;
constexpr int awaited = 150;
#else
constexpr int trees = 600;
constexpr int awaited = 3'000;
#endif

struct tree_error : std::runtime_error {
  using runtime_error::runtime_error;
};

struct tally {
  std::atomic<long> wrong = 0;
  std::atomic<long> tasks = 0;
};

// What the tasks of one scope borrow from the frame that has it.
struct borrowed {
  std::atomic<int> alive = 1;
  std::atomic<int> spawned = 0;
  std::atomic<int> run = 0;
  std::atomic<int> inside = 0;
  std::atomic<int> thrown = 0;
  std::atomic<bool> cancelled = false;
};

class forest {
 public:
  explicit forest(tally& counts) : counts_(counts) {}

  // A scope of some kind in some pool, with what happens in it; everything is checked when it has ended.
  void grow(std::uint32_t seed, int depth) {
    std::minstd_rand random(seed);
    borrowed lent;
    bool threw = false;
    try {
      open_scope(random, lent, depth);
    } catch (const tree_error&) {
      threw = true;
    }
    check(lent, threw);
  }

  // What every body does, also of scopes that are awaited.
  template <class Random>
  void fill(pool_scope& scope, Random& random, borrowed& lent, int depth) {
    const inside here(lent);
    const auto tasks = random() % 5;
    for (std::uint32_t i = 0; i < tasks; ++i) spawn(scope, static_cast<std::uint32_t>(random()), lent, depth);
    misbehave(scope, random, lent);
  }

  void check(const borrowed& lent, bool threw) {
    counts_.wrong += lent.inside != 0;
    counts_.wrong += threw != (lent.thrown != 0);
    counts_.wrong += lent.run > lent.spawned || (!lent.cancelled && lent.run != lent.spawned);
  }

 private:
  struct inside {
    explicit inside(borrowed& in) : lent(in) { ++lent.inside; }
    inside(const inside&) = delete;
    inside& operator=(const inside&) = delete;
    ~inside() { --lent.inside; }
    borrowed& lent;
  };

  // Those in whose scopes the calling thread may wait.
  std::vector<pool_ref> usable() const {
    const auto own = pinfold::this_pool();
    if (own && own->spec().kind == pinfold::pool_kind::asio) return {*own};
    return pools_;
  }

  template <class Random>
  void open_scope(Random& random, borrowed& lent, int depth) {
    const auto pools = usable();
    const auto any = [&]() -> pool_ref { return pools[random() % pools.size()]; };
    const auto body = [&](pool_scope& scope) { fill(scope, random, lent, depth); };
    switch (random() % 4) {
      case 0:
        return any().scope(body);
      case 1:
        return any().in_place_scope(body);
      case 2:
        return pinfold::multi_scope(any(), any(), [&](pool_scope& first, pool_scope& second) {
          body(first);
          body(second);
        });
      default: {
        const std::array chosen{any(), any(), any()};
        return pinfold::multi_scope(chosen, [&](pool_scopes& scopes) {
          for (std::size_t i = 0; i < scopes.size(); ++i) body(scopes[i]);
        });
      }
    }
  }

  void spawn(pool_scope& scope, std::uint32_t seed, borrowed& lent, int depth) {
    ++lent.spawned;
    scope.spawn([this, seed, &lent, depth](pool_scope& same) {
      const inside here(lent);
      ++counts_.tasks;
      ++lent.run;
      counts_.wrong += lent.alive != 1;
      std::minstd_rand random(seed);
      if (depth > 0 && random() % 2 == 0) grow(static_cast<std::uint32_t>(random()), depth - 1);
      if (depth > 0 && random() % 4 == 0) spawn(same, static_cast<std::uint32_t>(random()), lent, depth - 1);
      misbehave(same, random, lent);
    });
  }

  template <class Random>
  void misbehave(pool_scope& scope, Random& random, borrowed& lent) {
    if (random() % 16 == 0) {
      lent.cancelled = true;
      scope.cancel();
    }
    if (random() % 12 == 0) {
      ++lent.thrown;
      throw tree_error("planned");
    }
  }

  tally& counts_;
  std::vector<pool_ref> pools_ = pools_at_run_time();
};

}  // namespace

TEST_CASE("random trees of scopes over all pools end with every task run and every exception seen") {
  escapes seen;
  const auto running = contract::topology.start(seen.options());
  tally counts;
  {
    std::array<std::jthread, 3> outsiders;
    for (std::uint32_t i = 0; i < outsiders.size(); ++i) {
      outsiders[i] = std::jthread([&counts, i] {
        forest all(counts);
        for (std::uint32_t tree = 0; tree < trees; ++tree) all.grow(tree * 3 + i + 1, 4);
      });
    }
  }
  running.wait_idle();
  CHECK(counts.wrong == 0);
  CHECK(counts.tasks > trees);
  CHECK(seen.all().empty());
}

TEST_CASE("random trees of scopes that coroutines await, some until a timer cancels them, end before their frames do") {
  using namespace asio::experimental::awaitable_operators;
  escapes seen;
  const auto running = contract::topology.start(seen.options());
  tally counts;
  std::atomic<int> timed_out = 0;
  const auto pools = pools_at_run_time();
  const auto coroutine = [&](std::uint32_t seed) -> asio::awaitable<void> {
    forest all(counts);
    std::minstd_rand random(seed);
    asio::steady_timer limit(co_await asio::this_coro::executor);
    for (int i = 0; i < awaited; ++i) {
      borrowed lent;
      const pool_ref pool = pools[random() % pools.size()];
      const auto body = [&all, &lent, seed = static_cast<std::uint32_t>(random())](pool_scope& scope) {
        std::minstd_rand own(seed);
        all.fill(scope, own, lent, 2);
      };
      if (i % 2 == 0) {
        const auto [error] = co_await pool.async_scope(body, asio::as_tuple(asio::use_awaitable));
        all.check(lent, error != nullptr);
      } else {
        limit.expires_after(std::chrono::microseconds(random() % 200));
        bool threw = false;
        try {
          const auto first =
              co_await (pool.async_scope(body, asio::use_awaitable) || limit.async_wait(asio::use_awaitable));
          timed_out += first.index() == 1 ? 1 : 0;
        } catch (const tree_error&) {
          threw = true;
        }
        counts.wrong += lent.inside != 0;
        counts.wrong += threw && lent.thrown == 0;
      }
      lent.alive = 0;
    }
  };
  std::vector<std::future<void>> all;
  for (std::uint32_t i = 1; i <= 4; ++i) {
    all.push_back(asio::co_spawn(contract::asio_pools::one.get_executor(), coroutine(i), asio::use_future));
  }
  for (auto& each : all) each.get();
  running.wait_idle();
  CHECK(counts.wrong == 0);
  CHECK(seen.all().empty());
}
