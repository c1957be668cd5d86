// The most unfinished work that a pool had at once.
#include <cstdint>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "metrics/metered_pools.hpp"
#include "support/held_gate.hpp"

using namespace pinfold_test;

namespace {

// `all` pieces are unfinished at once. Nobody reads the mark meanwhile, which would be a look of its own.
template <class Pool>
void fill(Pool& pool, std::uint64_t all) {
  held_gate gate;
  for (std::size_t i = 0; i < pool.size(); ++i) pool.post([&] { gate.wait(); });
  gate.wait_for_arrivals(pool.size());
  for (std::uint64_t i = pool.size(); i < all; ++i) pinfold::pool_ref(pool).get_executor().execute([] {});
  gate.open();
  pool.wait_idle();
}

template <class Pool>
std::uint64_t mark_of(const Pool& pool) {
  return pool.stats().queue_high_water;
}

}  // namespace

TEST_CASE("ten posts to a worker that is held up are ten") {
  const auto running = metrics::topology.start();
  fill(metrics::native_pools::fresh, 10);
  CHECK(mark_of(metrics::native_pools::fresh) == 10);
  fill(metrics::native_pools::fresh, 5);
  CHECK(mark_of(metrics::native_pools::fresh) == 10);
}

// What other tests did may have made looks rare: they are 128 pieces apart at most.
TEMPLATE_TEST_CASE("the high-water mark is the most unfinished work", "", PINFOLD_TEST_COUNTERS, PINFOLD_TEST_LATENCY) {
  const auto running = metrics::topology.start();
  auto& pool = TestType::pool();
  const std::uint64_t most = mark_of(pool) + 130;
  fill(pool, most);
  CHECK(mark_of(pool) == most);
  fill(pool, most - 5);
  CHECK(mark_of(pool) == most);
  fill(pool, most + 130);
  CHECK(mark_of(pool) == most + 130);
}

// Each post is finished before the next: looks become rare.
TEMPLATE_TEST_CASE("a queue that grows after steady traffic is measured exactly", "", PINFOLD_TEST_COUNTERS,
                   PINFOLD_TEST_LATENCY) {
  const auto running = metrics::topology.start();
  auto& pool = TestType::pool();
  for (int i = 0; i < 2000; ++i) pool.install([] {});
  pool.wait_idle();
  const std::uint64_t most = mark_of(pool) + 200;
  fill(pool, most);
  CHECK(mark_of(pool) == most);
}

TEMPLATE_TEST_CASE("a queue that several threads fill is measured, and not made larger", "", PINFOLD_TEST_COUNTERS,
                   PINFOLD_TEST_LATENCY) {
  const auto running = metrics::topology.start();
  auto& pool = TestType::pool();
  const std::uint64_t before = mark_of(pool);
  const std::uint64_t of_each = before + 300;
  {
    held_gate gate;
    for (std::size_t i = 0; i < pool.size(); ++i) pool.post([&] { gate.wait(); });
    gate.wait_for_arrivals(pool.size());
    std::vector<std::jthread> posters(3);
    for (std::jthread& each : posters) {
      each = std::jthread([&] {
        for (std::uint64_t i = 0; i < of_each; ++i) pinfold::pool_ref(pool).get_executor().execute([] {});
      });
    }
    posters.clear();
    gate.open();
    pool.wait_idle();
  }
  const std::uint64_t all = (3 * of_each) + pool.size();
  CHECK(mark_of(pool) <= all);
  CHECK(mark_of(pool) > all - 128 - 3);
}

TEST_CASE("who reads the mark looks, too") {
  const auto running = metrics::topology.start();
  auto& pool = metrics::native_pools::latency;
  for (int i = 0; i < 2000; ++i) pool.install([] {});
  pool.wait_idle();
  const std::uint64_t most = mark_of(pool) + 3;
  held_gate gate;
  for (std::uint64_t i = 0; i < most; ++i) pinfold::pool_ref(pool).get_executor().execute([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  CHECK(mark_of(pool) == most);
  gate.open();
  pool.wait_idle();
  CHECK(mark_of(pool) == most);
}
