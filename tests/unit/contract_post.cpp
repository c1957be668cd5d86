// post() and install(): what runs, where, how often, and what comes back.
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/messages.hpp"
#include "support/seen_threads.hpp"

using namespace pinfold_test;

TEMPLATE_TEST_CASE("a pool states its name and size as constants", "", PINFOLD_TEST_POOLS) {
  using pool = std::remove_reference_t<decltype(TestType::pool())>;
  static_assert(pinfold::pool<pool>);
  static_assert(pool::size() == pool::spec.threads);
  static_assert(pool::size() == (pool::spec.name == "one" ? 1 : 2));
  SUCCEED();
}

TEMPLATE_TEST_CASE("ten thousand posts from outside run once each and only on threads of the pool", "",
                   PINFOLD_TEST_POOLS) {
  constexpr std::size_t posts = 10'000;
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::vector<std::atomic<int>> runs(posts);
  seen_threads seen;

  for (std::size_t i = 0; i < posts; ++i) {
    pool.post([&, i] {
      ++runs[i];
      seen.add();
    });
  }
  pool.wait_idle();

  CHECK(std::count(runs.begin(), runs.end(), 1) == std::ptrdiff_t{posts});
  const auto members = threads_of(pool);
  const auto ids = seen.ids();
  CHECK(std::includes(members.begin(), members.end(), ids.begin(), ids.end()));
}

TEMPLATE_TEST_CASE("posts from a thread of the pool run once each", "", PINFOLD_TEST_POOLS) {
  constexpr int posts = 2'000;
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;

  pool.install([&] {
    for (int i = 0; i < posts; ++i) pool.post([&] { runs += pool.contains_this_thread() ? 1 : 0; });
  });
  pool.wait_idle();

  CHECK(runs == posts);
}

TEMPLATE_TEST_CASE("a posted function may be move-only and is destroyed before the pool is idle", "",
                   PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  auto held = std::make_shared<int>(7);
  const std::weak_ptr<int> watched = held;
  std::atomic<int> result = 0;

  pool.post([only = std::make_unique<int>(5), held = std::move(held), &result] { result = *only + *held; });
  pool.wait_idle();

  CHECK(result == 12);
  CHECK(watched.expired());
}

TEMPLATE_TEST_CASE("a posted function larger than a slot runs too", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::array<int, 400> numbers{};
  numbers.back() = 9;
  std::atomic<int> result = 0;

  pool.post([numbers, &result] { result = numbers.back(); });
  pool.wait_idle();

  CHECK(result == 9);
}

TEMPLATE_TEST_CASE("install runs on a thread of the pool and returns its value", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const auto caller = std::this_thread::get_id();

  CHECK(pool.install([&] { return pool.contains_this_thread() && std::this_thread::get_id() != caller; }));
  CHECK(*pool.install([] { return std::make_unique<int>(4); }) == 4);

  int number = 1;
  int& same = pool.install([&]() -> int& { return number; });
  CHECK(&same == &number);

  bool ran = false;
  static_assert(std::is_void_v<decltype(pool.install([&] { ran = true; }))>);
  pool.install([&] { ran = true; });
  CHECK(ran);
}

TEMPLATE_TEST_CASE("install takes its function by reference and does not copy it", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto counter = [calls = 0]() mutable { return ++calls; };

  CHECK(TestType::pool().install(counter) == 1);
  CHECK(TestType::pool().install(counter) == 2);
}

TEMPLATE_TEST_CASE("install rethrows what its function throws", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();

  CHECK(message_of<std::runtime_error>([&] { pool.install([] { throw std::runtime_error("inside"); }); }) == "inside");
  CHECK(pool.install([] { return 1; }) == 1);
}

TEMPLATE_TEST_CASE("install on a thread of the pool is a plain call, nested as deep as wanted", "",
                   PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();

  const bool inline_each = pool.install([&] {
    const auto outer = std::this_thread::get_id();
    return pool.install([&] { return pool.install([&] { return std::this_thread::get_id() == outer; }); });
  });

  CHECK(inline_each);
}

TEMPLATE_TEST_CASE("installs from several threads at once all return their own value", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 3; ++caller) {
      callers.emplace_back([&, caller] {
        for (int i = 0; i < 300; ++i)
          wrong += TestType::pool().install([&] { return caller * 1000 + i; }) != caller * 1000 + i;
      });
    }
  }
  CHECK(wrong == 0);
}

TEMPLATE_TEST_CASE("a thread knows its pool and its index there", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();

  CHECK_FALSE(pool.contains_this_thread());
  CHECK_FALSE(pool.this_thread_index().has_value());
  const auto indices = pool.broadcast([&] { return pool.this_thread_index().value(); });
  for (std::size_t i = 0; i < indices.size(); ++i) CHECK(indices[i] == i);

  std::size_t pools_that_claim_it = 0;
  pool.install([&] {
    contract::topology.for_each([&](auto& each) { pools_that_claim_it += each.contains_this_thread() ? 1 : 0; });
  });
  CHECK(pools_that_claim_it == 1);
}
