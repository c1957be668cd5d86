// Tbb pools: pinfold allocates nothing; TBB keeps what is enqueued in a std::deque whose blocks hold 64 pointers, so
// that it allocates a block for every 64 tasks that go through. Where libtbbmalloc is installed the block comes from
// there, else from malloc; this program keeps libtbbmalloc out to see it.
#include "allocation/steady_state.hpp"
#include "catch.hpp"

using namespace pinfold_test;

namespace {

// TBB's own threads may start at any time, and each allocates some 110 times for itself. A round that allocated once
// more than said would still be seen: there are `rounds` of them.
constexpr std::size_t starts_of_tbb_threads = rounds * 2 / 5;
constexpr std::size_t one_for_64_calls = rounds * calls / 64 + starts_of_tbb_threads;

}  // namespace

TEMPLATE_TEST_CASE("a lookup allocates nothing", "", tbb_one, tbb_two) {
  const std::size_t allocated = allocations_during([] {
    for (std::size_t i = 0; i < rounds; ++i) {
      const void* pool = &TestType::pool();
      asm volatile("" : : "r"(pool));
    }
  });
  CHECK(allocated == 0);
}

TEMPLATE_TEST_CASE("after warm-up TBB allocates once for 64 posts from outside and pinfold never", "", tbb_one,
                   tbb_two) {
  CHECK(allocations_of_posts_from_outside(TestType::pool()) <= one_for_64_calls);
}

TEMPLATE_TEST_CASE("after warm-up TBB allocates once for 64 posts from a thread of the pool and pinfold never", "",
                   tbb_one, tbb_two) {
  constexpr std::size_t for_the_installs = rounds / 64 + 1;
  CHECK(allocations_of_posts_from_inside(TestType::pool()) <= one_for_64_calls + for_the_installs);
}

TEMPLATE_TEST_CASE("after warm-up TBB allocates once for 64 posts through the executor and pinfold never", "", tbb_one,
                   tbb_two) {
  CHECK(allocations_of_posts_through_the_executor(TestType::pool()) <= one_for_64_calls);
}

TEMPLATE_TEST_CASE("after warm-up TBB allocates once for 64 installs and pinfold never", "", tbb_one, tbb_two) {
  CHECK(allocations_of_installs(TestType::pool()) <= one_for_64_calls);
}

// Beside the body a scope makes at most one ring for each of its tasks, and one that finds nothing.
TEMPLATE_TEST_CASE("after warm-up TBB allocates once for 64 rings of scopes' tasks and pinfold never", "", tbb_one,
                   tbb_two) {
  constexpr std::size_t awaited = 2 + tasks_of_a_scope;
  constexpr std::size_t at_once = 2 + 4 * 2 * (tasks_of_a_scope + 1);
  {
    const auto running = contract::topology.start();
    contract::topology.for_each([](auto& pool) { pool.broadcast([] {}); });
    const auto net = contract::asio_pools::one.get_executor();
    CHECK(allocations_of_awaited_scopes(net, TestType::pool()) <= rounds * awaited / 64 + starts_of_tbb_threads);
  }
  CHECK(allocations_of_scopes(TestType::pool()) <= rounds * at_once / 64 + starts_of_tbb_threads);
}

TEMPLATE_TEST_CASE("after warm-up TBB allocates once for 64 awaited round trips and pinfold never", "", tbb_one,
                   tbb_two) {
  const auto running = contract::topology.start();
  contract::topology.for_each([](auto& pool) { pool.broadcast([] {}); });
  const auto net = contract::asio_pools::one.get_executor();
  CHECK(allocations_of_round_trips(net, TestType::pool(), boost::asio::use_awaitable) <= one_for_64_calls);
}
