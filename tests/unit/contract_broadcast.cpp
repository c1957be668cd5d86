// broadcast(): once on every thread.
#include <array>
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;

TEMPLATE_TEST_CASE("broadcast runs once on every thread and returns the results in thread order", "",
                   PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  constexpr std::size_t size = std::remove_reference_t<decltype(pool)>::size();

  for (int round = 0; round < 100; ++round) {
    std::array<std::atomic<int>, size> runs{};
    const auto results = pool.broadcast([&] {
      ++runs[*pool.this_thread_index()];
      return static_cast<int>(*pool.this_thread_index()) * 10;
    });
    static_assert(std::tuple_size_v<std::remove_cvref_t<decltype(results)>> == size);
    for (std::size_t i = 0; i < size; ++i) {
      REQUIRE(runs[i] == 1);
      REQUIRE(results[i] == static_cast<int>(i) * 10);
    }
  }
  CHECK(threads_of(pool).size() == size);
}

TEMPLATE_TEST_CASE("broadcast of a function without a result returns one monostate a thread", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  std::atomic<std::size_t> runs = 0;

  const auto results = TestType::pool().broadcast([&] { ++runs; });

  CHECK(results.size() == runs);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(results[0])>, std::monostate>);
}

TEMPLATE_TEST_CASE("broadcast rethrows the first exception in thread order after all have run", "",
                   PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::atomic<std::size_t> runs = 0;

  const std::string message = message_of<std::runtime_error>([&] {
    pool.broadcast([&] {
      ++runs;
      throw std::runtime_error("thread " + std::to_string(*pool.this_thread_index()));
    });
  });

  CHECK(message == "thread 0");
  CHECK(runs == pool.size());
}

TEMPLATE_TEST_CASE("broadcast from a thread of the pool runs its own share in place", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();

  const auto indices = pool.install([&] { return pool.broadcast([&] { return *pool.this_thread_index(); }); });

  for (std::size_t i = 0; i < indices.size(); ++i) CHECK(indices[i] == i);
}

TEMPLATE_TEST_CASE("broadcasts nest, from every thread at once", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::atomic<std::size_t> runs = 0;

  for (int round = 0; round < 20; ++round) {
    pool.broadcast([&] { pool.broadcast([&] { ++runs; }); });
  }

  CHECK(runs == 20 * pool.size() * pool.size());
}

TEMPLATE_TEST_CASE("broadcasts from several outside threads do not wait for each other", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::atomic<std::size_t> runs = 0;
  {
    std::array<std::jthread, 2> callers;
    for (std::jthread& caller : callers) {
      caller = std::jthread([&] {
        for (int i = 0; i < 100; ++i) pool.broadcast([&] { ++runs; });
      });
    }
  }
  CHECK(runs == 2 * 100 * pool.size());
}

TEST_CASE("two pools broadcast from each other's threads at once") {
  const auto running = contract::topology.start();
  auto& left = contract::native_pools::two;
#ifdef PINFOLD_TEST_TBB
  auto& right = contract::tbb_pools::two;
#else
  auto& right = contract::native_pools::one;
#endif
  std::atomic<std::size_t> runs = 0;
  for (int i = 0; i < 50; ++i) {
    left.post([&] { left.broadcast([&] { right.broadcast([&] { ++runs; }); }); });
    right.post([&] { right.broadcast([&] { left.broadcast([&] { ++runs; }); }); });
  }
  running.wait_idle();
  CHECK(runs == 50 * 2 * left.size() * right.size());
}
