// Every way to wait for a pool, between all pools of one thread, at once, nested and asleep: nobody waits for ever.
#include <array>
#include <atomic>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/require.hpp>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <rings/topology.hpp>

#include "catch.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int rounds = 2;
constexpr int storms = 30;
#else
constexpr int rounds = 10;
constexpr int storms = 200;
#endif

using function = std::function<void()>;

// A call that runs a function in a pool and returns when it has run.
struct way_to_wait {
  std::string name;
  std::function<void(const function&)> run;
};

struct one_thread_pool {
  std::string name;
  bool helps;  // its thread runs the pool's tasks while it waits; an asio pool's does not
  std::function<void(function)> post;
  std::vector<way_to_wait> ways;
  int thread = 0;  // of the kernel
};

template <class Pool>
one_thread_pool erased(Pool& pool) {
  one_thread_pool result{.name = std::string(Pool::spec.thread_name),
                         .helps = Pool::spec.kind != pinfold::pool_kind::asio,
                         .post = [&pool](function f) { pool.post(std::move(f)); },
                         .ways = {},
                         .thread = pool.install(id_of_this_thread)};
  result.ways.push_back({"install", [&pool](const function& f) { pool.install(f); }});
  result.ways.push_back({"broadcast", [&pool](const function& f) { pool.broadcast(f); }});
  result.ways.push_back(
      {"blocking.always", [&pool](const function& f) {
         boost::asio::require(pool.get_executor(), boost::asio::execution::blocking.always).execute(f);
       }});
  if constexpr (Pool::spec.kind == pinfold::pool_kind::native) {
    const auto spawn_in = [](const function& f) { return [f](auto& scope) { scope.spawn(f); }; };
    result.ways.push_back({"future", [&pool](const function& f) { pool.spawn_future(f).get(); }});
    result.ways.push_back({"scope", [=, &pool](const function& f) { pool.scope(spawn_in(f)); }});
    result.ways.push_back({"scope_fifo", [=, &pool](const function& f) { pool.scope_fifo(spawn_in(f)); }});
    result.ways.push_back({"in_place_scope", [=, &pool](const function& f) { pool.in_place_scope(spawn_in(f)); }});
    result.ways.push_back(
        {"in_place_scope_fifo", [=, &pool](const function& f) { pool.in_place_scope_fifo(spawn_in(f)); }});
  }
  return result;
}

std::vector<one_thread_pool> all_pools() {
  std::vector<one_thread_pool> pools;
  rings::topology.for_each([&](auto& pool) { pools.push_back(erased(pool)); });
  return pools;
}

// Opens when so many threads have come.
class meeting {
 public:
  explicit meeting(int all) : missing_(all) {}
  void come() {
    if (--missing_ == 0) gate_.open();
    gate_.wait();
  }

 private:
  std::atomic<int> missing_;
  held_gate gate_;
};

void wait_until_asleep(std::initializer_list<const one_thread_pool*> pools) {
  for (const one_thread_pool* pool : pools) REQUIRE(eventually([&] { return is_asleep(pool->thread); }));
}

// Each pool's only thread is in a task when it begins to wait for the next pool.
int runs_of_a_ring(const pinfold::running_topology& running,
                   const std::vector<std::pair<const one_thread_pool*, const way_to_wait*>>& waits) {
  std::atomic<int> runs = 0;
  meeting all_inside(static_cast<int>(waits.size()));
  for (const auto& [pool, way] : waits) {
    pool->post([&, way = way] {
      all_inside.come();
      way->run([&] { ++runs; });
    });
  }
  running.wait_idle();
  return runs;
}

}  // namespace

TEST_CASE("two pools of one thread that wait for each other at once go on, whatever the kinds and the calls") {
  const auto running = rings::topology.start();
  const auto pools = all_pools();
  for (std::size_t i = 0; i < pools.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      for (const auto& to_left : pools[i].ways) {
        for (const auto& to_right : pools[j].ways) {
          INFO(pools[i].name << " by " << to_right.name << ", " << pools[j].name << " by " << to_left.name);
          for (int round = 0; round < rounds; ++round) {
            REQUIRE(runs_of_a_ring(running, {{&pools[i], &to_right}, {&pools[j], &to_left}}) == 2);
          }
        }
      }
    }
  }
}

TEST_CASE("three pools of one thread that wait in a ring go on, whatever their kinds, also when all slept before") {
  const auto running = rings::topology.start();
  const auto pools = all_pools();
  for (const auto& a : pools) {
    for (const auto& b : pools) {
      for (const auto& c : pools) {
        if (&a == &b || &b == &c || &c == &a) continue;
        INFO(a.name << ", " << b.name << ", " << c.name);
        wait_until_asleep({&a, &b, &c});
        for (int round = 0; round < rounds; ++round) {
          REQUIRE(runs_of_a_ring(running, {{&a, &b.ways[0]}, {&b, &c.ways[0]}, {&c, &a.ways[0]}}) == 3);
        }
      }
    }
  }
}

TEST_CASE(
    "a sleeping pool is woken by one that waits for it, and wakes that one, asleep in its wait, when it needs it") {
  const auto running = rings::topology.start();
  const auto pools = all_pools();
  for (const auto& left : pools) {
    if (!left.helps) continue;
    for (const auto& right : pools) {
      if (&left == &right) continue;
      for (const auto& to_right : right.ways) {
        for (const auto& to_left : left.ways) {
          INFO(left.name << " waits by " << to_right.name << " for " << right.name << ", that by " << to_left.name);
          wait_until_asleep({&left, &right});
          int depth = 0;
          left.ways[0].run([&] {
            to_right.run([&] {
              wait_until_asleep({&left});
              to_left.run([&] { depth = 3; });
            });
          });
          REQUIRE(depth == 3);
        }
      }
    }
  }
}

namespace {

// A tree of waits: each node runs in a pool of its own choice and waits for its children in turn.
class tree {
 public:
  tree(const std::vector<one_thread_pool>& pools, std::uint32_t seed, std::atomic<int>& runs)
      : pools_(pools), random_(seed), runs_(runs) {}

  void grow(int depth) {
    ++runs_;
    if (depth == 0) return;
    const auto children = random_() % 3;
    for (std::uint32_t i = 0; i < children; ++i) {
      const one_thread_pool& next = pools_[random_() % pools_.size()];
      next.ways[random_() % next.ways.size()].run([&] { grow(depth - 1); });
      ++expected_;
    }
  }
  [[nodiscard]] int expected() const { return expected_; }

 private:
  const std::vector<one_thread_pool>& pools_;
  std::mt19937 random_;
  std::atomic<int>& runs_;
  int expected_ = 1;
};

}  // namespace

// From the threads of asio pools, but not into them: those do nothing else while they wait.
TEST_CASE("a storm of random nested waits over all pools of one thread ends, and everything has run once") {
  const auto running = rings::topology.start();
  const auto roots = all_pools();
  std::vector<one_thread_pool> inside;
  std::copy_if(roots.begin(), roots.end(), std::back_inserter(inside), [](const auto& pool) { return pool.helps; });

  std::atomic<int> runs = 0;
  std::atomic<int> expected = 0;
  for (int storm = 0; storm < storms; ++storm) {
    for (std::size_t root = 0; root < roots.size(); ++root) {
      roots[root].post([&, seed = static_cast<std::uint32_t>(storm) * roots.size() + root] {
        tree one(inside, static_cast<std::uint32_t>(seed), runs);
        one.grow(6);
        expected += one.expected();
      });
    }
    if (storm % 10 == 0) running.wait_idle();
  }
  running.wait_idle();

  CHECK(runs == expected);
  CHECK(runs > storms);
}
