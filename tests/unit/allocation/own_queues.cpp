// Pools whose queues are Asio's or pinfold's own, in a program without TBB.
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>
#include <cstdlib>
#include <new>

#include "allocation/steady_state.hpp"
#include "catch.hpp"

using namespace pinfold_test;

TEST_CASE("the counter sees operator new and malloc on every thread") {
  static void* volatile kept = nullptr;
  const auto allocate_twice = [] {
    kept = ::operator new(10);
    ::operator delete(kept);
    kept = std::malloc(10);
    std::free(kept);
  };
  CHECK(allocations_during(allocate_twice) == 2);

  const auto running = contract::topology.start();
  contract::topology.for_each([](auto& pool) { pool.broadcast([] {}); });
  CHECK(allocations_during([&] { contract::native_pools::one.install(allocate_twice); }) == 2);
}

TEMPLATE_TEST_CASE("a lookup allocates nothing", "", PINFOLD_TEST_POOLS) {
  const std::size_t allocated = allocations_during([] {
    for (std::size_t i = 0; i < rounds; ++i) {
      const void* pool = &TestType::pool();
      asm volatile("" : : "r"(pool));
    }
  });
  CHECK(allocated == 0);
}

TEMPLATE_TEST_CASE("after warm-up a post from outside allocates nothing", "", PINFOLD_TEST_OWN_QUEUES) {
  CHECK(allocations_of_posts_from_outside(TestType::pool()) == 0);
}

TEMPLATE_TEST_CASE("after warm-up a post from a thread of the pool allocates nothing", "", PINFOLD_TEST_OWN_QUEUES) {
  CHECK(allocations_of_posts_from_inside(TestType::pool()) == 0);
}

TEMPLATE_TEST_CASE("after warm-up a post through the executor allocates nothing", "", PINFOLD_TEST_OWN_QUEUES) {
  CHECK(allocations_of_posts_through_the_executor(TestType::pool()) == 0);
}

TEMPLATE_TEST_CASE("after warm-up an awaited round trip into the pool allocates nothing", "", PINFOLD_TEST_OWN_QUEUES) {
  const auto running = contract::topology.start();
  contract::topology.for_each([](auto& pool) { pool.broadcast([] {}); });
  auto& pool = TestType::pool();
  const auto net = contract::asio_pools::one.get_executor();
  CHECK(allocations_of_round_trips(net, pool, boost::asio::use_awaitable) == 0);
  const auto context = contract::asio_pools::one.context().get_executor();
  CHECK(allocations_of_round_trips(context, pool, boost::asio::use_awaitable) == 0);
}

TEMPLATE_TEST_CASE("after warm-up an awaited scope with its tasks allocates nothing", "", PINFOLD_TEST_OWN_QUEUES) {
  const auto running = contract::topology.start();
  contract::topology.for_each([](auto& pool) { pool.broadcast([] {}); });
  const auto net = contract::asio_pools::one.get_executor();
  CHECK(allocations_of_awaited_scopes(net, TestType::pool()) == 0);
}

TEMPLATE_TEST_CASE("after warm-up scopes of one and of several pools allocate nothing", "", PINFOLD_TEST_OWN_QUEUES) {
  CHECK(allocations_of_scopes(TestType::pool()) == 0);
}

TEST_CASE("after warm-up a multi_scope of pools chosen at run time allocates nothing") {
  const std::array<pinfold::pool_ref, 3> pools{contract::asio_pools::one, contract::native_pools::two,
                                               contract::native_pools::one};
  const std::size_t allocated = allocations_in_steady_state([&] {
    pinfold::multi_scope(pools, [](pinfold::pool_scopes& scopes) {
      for (std::size_t i = 0; i < scopes.size(); ++i) scopes[i].spawn([] {});
    });
  });
  CHECK(allocated == 0);
}

TEMPLATE_TEST_CASE("after warm-up an awaited wait for idleness allocates nothing", "", PINFOLD_TEST_OWN_QUEUES) {
  const auto running = contract::topology.start();
  contract::topology.for_each([](auto& pool) { pool.broadcast([] {}); });
  auto& pool = TestType::pool();
  const auto net = contract::asio_pools::one.get_executor();
  CHECK(allocations_of_idle_waits(net, pool, boost::asio::use_awaitable) == 0);
}

TEMPLATE_TEST_CASE("after warm-up a tracked coroutine that is joined allocates no more than Asio's co_spawn", "",
                   PINFOLD_TEST_OWN_QUEUES) {
  const auto running = contract::topology.start();
  contract::topology.for_each([](auto& pool) { pool.broadcast([] {}); });
  const auto net = contract::asio_pools::one.get_executor();
  auto& pool = TestType::pool();
  const auto body = []() -> boost::asio::awaitable<int> { co_return 1; };
  const std::size_t asio = allocations_of_awaited_coroutines(net, [&] {
    const boost::asio::any_io_executor serial = pool.size() == 1 ? boost::asio::any_io_executor(pool.get_executor())
                                                                 : boost::asio::make_strand(pool.get_executor());
    return boost::asio::co_spawn(serial, body(), boost::asio::use_awaitable);
  });
  const std::size_t tracked =
      allocations_of_awaited_coroutines(net, [&] { return pool.spawn_async(body).join(boost::asio::use_awaitable); });
  CHECK(tracked <= asio);
}

TEMPLATE_TEST_CASE("after warm-up an install allocates nothing", "", PINFOLD_TEST_OWN_QUEUES) {
  CHECK(allocations_of_installs(TestType::pool()) == 0);
}

TEMPLATE_TEST_CASE("after warm-up a broadcast allocates nothing", "", PINFOLD_TEST_OWN_QUEUES) {
  CHECK(allocations_in_steady_state([] { TestType::pool().broadcast([] {}); }) == 0);
}

TEMPLATE_TEST_CASE("a post larger than a slot allocates once", "", PINFOLD_TEST_OWN_QUEUES) {
  struct large {
    char bytes[200];
    void operator()() const {}
  };
  const std::size_t allocated = allocations_in_steady_state([] {
    for (std::size_t i = 0; i < calls; ++i) TestType::pool().post(large{});
    TestType::pool().wait_idle();
  });
  CHECK(allocated == rounds * calls);
}
