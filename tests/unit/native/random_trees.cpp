// Random trees of everything at once, in pools with more workers than the machine has cores.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <thread>

#include <crowd/topology.hpp>

#include "catch.hpp"
#include "support/escapes.hpp"

using namespace pinfold_test;
namespace native = crowd::native_pools;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int trees = 30;
constexpr std::uint32_t largest = 100;
#else
constexpr int trees = 300;
constexpr std::uint32_t largest = 400;
#endif

struct planned : std::runtime_error {
  planned() : std::runtime_error("planned") {}
};

/// Splitmix64: a stream for each node, so that a seed gives the same tree whoever runs it.
class stream {
 public:
  explicit stream(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t mixed = (state_ += 0x9e3779b97f4a7c15U);
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(next() % limit); }

 private:
  std::uint64_t state_;
};

/// Nodes that ran, and nodes that were detached and those that ended of these.
struct tally {
  std::atomic<std::uint32_t> nodes = 0;
  std::atomic<std::uint32_t> thrown = 0;
};

/// A node of the tree: itself and `size` - 1 nodes below it, in two halves. Each runs once, whatever throws.
class node {
 public:
  node(tally& counts, std::uint64_t seed, std::uint32_t size) : counts_(&counts), random_(seed), size_(size) {}

  void operator()() {
    ++counts_->nodes;
    if (random_.below(50) == 0) std::this_thread::sleep_for(std::chrono::microseconds(random_.below(300)));
    if (size_ > 1) grow();
    if (random_.below(20) == 0) {
      ++counts_->thrown;
      throw planned();
    }
  }

 private:
  // Whatever a child throws ends here, and nothing before all children have run.
  void grow() {
    const std::uint32_t below = size_ - 1;
    node left(*counts_, random_.next(), below / 2);
    node right(*counts_, random_.next(), below - below / 2);
    const bool has_left = below / 2 != 0;
    const auto run_left = [&] {
      if (has_left) left();
    };
    try {
      switch (random_.below(9)) {
        case 0: {
          auto forked = pinfold::fork([child = left, has_left]() mutable {
            if (has_left) child();
          });
          right();
          forked.join();
          break;
        }
        case 1:
          pinfold::join(run_left, right);
          break;
        case 2:
          pinfold::scope([&](pinfold::task_scope& scope) {
            scope.spawn(run_left);
            scope.spawn(right);
          });
          break;
        case 3:
          pinfold::scope_fifo([&](pinfold::task_scope_fifo& scope) {
            scope.spawn(run_left);
            scope.spawn([&](pinfold::task_scope_fifo& same) { same.spawn(right); });
          });
          break;
        case 4:
          // One iteration's exception leaves out others that have not begun.
          pinfold::parallel_for(0, 2, [&](int i) { contain([&] { i == 0 ? run_left() : right(); }); });
          break;
        case 5: {
          auto future = pinfold::spawn_future(right);
          contain(run_left);
          static_cast<void>(pinfold::yield_now());
          future.get();
          break;
        }
        case 6:
          pinfold::spawn([child = left, has_left]() mutable {
            if (has_left) contain(child);
          });
          pinfold::spawn_fifo([child = right]() mutable { contain(child); });
          static_cast<void>(pinfold::yield_local());
          break;
        case 7:
          native::left.install([&] { contain(run_left); });
          native::right.install(right);
          break;
        default:
          native::tight.in_place_scope([&](pinfold::task_scope& scope) {
            scope.spawn(run_left);
            contain(right);
          });
      }
    } catch (const planned&) {
    }
  }

  template <class F>
  static void contain(F&& f) {
    try {
      f();
    } catch (const planned&) {
    }
  }

  tally* counts_;
  stream random_;
  std::uint32_t size_;
};

template <class Pool>
void grow_trees_in(Pool& pool, std::uint64_t seed) {
  UNSCOPED_INFO("seed " << seed);
  escapes seen;
  const auto running = crowd::topology.start(seen.options());
  stream random(seed);
  for (int tree = 0; tree < trees; ++tree) {
    tally counts;
    const std::uint32_t size = 1 + random.below(largest);
    pool.post([root = node(counts, random.next(), size)]() mutable {
      try {
        root();
      } catch (const planned&) {
      }
    });
    running.wait_idle();
    REQUIRE(counts.nodes == size);
  }
  CHECK(seen.all().empty());
}

std::uint64_t new_seed() { return std::random_device()() | std::uint64_t{std::random_device()()} << 32U; }

}  // namespace

TEST_CASE("random trees of every kind of task run each node once, with fixed seeds") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    grow_trees_in(native::wide, seed);
    grow_trees_in(native::tight, seed);
    grow_trees_in(native::right, seed);
  }
}

TEST_CASE("random trees of every kind of task run each node once, with a new seed each time") {
  const std::uint64_t seed = new_seed();
  WARN("seed " << seed);
  grow_trees_in(native::wide, seed);
  grow_trees_in(native::tight, seed);
  grow_trees_in(native::right, seed);
}

TEST_CASE("random trees from several outsiders at once end before the stop does") {
  const std::uint64_t seed = new_seed();
  WARN("seed " << seed);
  for (int round = 0; round < trees / 10; ++round) {
    auto running = crowd::topology.start();
    tally counts;
    std::atomic<std::uint32_t> expected = 0;
    {
      std::array<std::jthread, 3> outsiders;
      for (std::size_t i = 0; i < outsiders.size(); ++i) {
        outsiders[i] = std::jthread([&, i] {
          stream random(seed + 3 * static_cast<std::uint64_t>(round) + i);
          for (int tree = 0; tree < 5; ++tree) {
            const std::uint32_t size = 1 + random.below(largest / 4);
            expected += size;
            native::tight.post([root = node(counts, random.next(), size)]() mutable {
              try {
                root();
              } catch (const planned&) {
              }
            });
          }
        });
      }
    }
    running.stop();
    REQUIRE(counts.nodes == expected);
  }
}
