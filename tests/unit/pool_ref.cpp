// pool_ref and this_pool(): a pool that is known at run time only.
#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <managed_only/topology.hpp>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "support/pools_at_run_time.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;
using pinfold::pool_ref;

TEST_CASE("every pool converts to a reference that says what the pool says") {
  static_assert(std::is_trivially_copyable_v<pool_ref> && sizeof(pool_ref) == sizeof(void*));
  contract::topology.for_each([](auto& pool) {
    const pool_ref any = pool;
    CHECK(&any.spec() == &pool.spec);
    CHECK(any.size() == pool.size());
    CHECK(any.get_executor() == pool.get_executor());
  });
  CHECK(pool_ref(contract::asio_pools::apart).qualified_name() == "asio.apart");
  CHECK(pool_ref(contract::native_pools::two).qualified_name() == "native.two");
}

TEST_CASE("references are equal when they are to the same pool") {
  const pool_ref one = contract::native_pools::one;
  const pool_ref again = one;
  CHECK(one == again);
  CHECK(one == pool_ref(contract::native_pools::one));
  CHECK(one != pool_ref(contract::native_pools::two));
}

TEST_CASE("what is handed to a reference runs in the pool that it is to") {
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    const auto here = [pool] { return pool.contains_this_thread() && pool.this_thread_index() < pool.size(); };
    CHECK_FALSE(here());
    CHECK_FALSE(pool.this_thread_index());
    CHECK(pool.install(here));
    CHECK(pool.install([&] { return pool.install(here); }));
    CHECK(pool.async_invoke(here, asio::use_future).get());
    std::atomic<int> ran = 0;
    pool.post([&] { ran += here(); });
    asio::post(pool.get_executor(), [&] { ran += here(); });
    pool.wait_idle();
    CHECK(pool.is_idle());
    CHECK(ran == 2);
  }
}

TEST_CASE("install through a reference returns references and move-only values, and rethrows") {
  const auto running = contract::topology.start();
  int number = 0;
  for (const pool_ref pool : pools_at_run_time()) {
    pool.install([&]() -> int& { return number; }) += 1;
    CHECK(*pool.install([] { return std::make_unique<int>(3); }) == 3);
    CHECK(message_of<std::runtime_error>([&] { pool.install([] { throw std::runtime_error("inside"); }); }) ==
          "inside");
  }
  CHECK(number == static_cast<int>(pools_at_run_time().size()));
}

TEST_CASE("a wait through a reference is refused where the pool's own would be") {
  const auto running = contract::topology.start();
  const pool_ref net = contract::asio_pools::one;
  for (const pool_ref pool : pools_at_run_time()) {
    if (pool == net) continue;
    const std::string name = pool.qualified_name();
    CHECK(contains(net.install([&] { return message_of<pinfold::would_block>([&] { pool.install([] {}); }); }),
                   name + ".install() would stall asio.one"));
    CHECK(contains(net.install([&] { return message_of<pinfold::would_block>([&] { pool.wait_idle(); }); }),
                   name + ".wait_idle() would stall asio.one"));
  }
}

TEST_CASE("a post through a reference waits while a native pool has no room") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::one;
  held_gate gate;
  pool.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  while (pool.try_post([] {})) {
  }
  std::atomic<bool> through = false;
  std::jthread poster([&] {
    pool_ref(pool).post([] {});
    through = true;
  });
  for (int i = 0; i < 1'000; ++i) std::this_thread::yield();
  CHECK_FALSE(through);
  gate.open();
  poster.join();
  CHECK(through);
}

TEST_CASE("a pool that does not run refuses what a reference hands it") {
  for (const pool_ref pool : pools_at_run_time()) {
    CHECK_THROWS_AS(pool.post([] {}), pinfold::pool_stopped);
    CHECK_THROWS_AS(pool.install([] {}), pinfold::pool_stopped);
  }
}

TEST_CASE("this_pool is the pool whose worker calls it, and nothing elsewhere") {
  CHECK_FALSE(pinfold::this_pool());
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    CHECK(pool.install([] { return pinfold::this_pool(); }) == pool);
    CHECK(pool.install([] { return pinfold::this_pool()->contains_this_thread(); }));
  }
  CHECK_FALSE(pinfold::this_pool());
  std::optional<pool_ref> seen = pools_at_run_time().front();
  std::jthread([&] { seen = pinfold::this_pool(); }).join();
  CHECK_FALSE(seen);
}

TEST_CASE("this_pool of managed and blocking threads is the pool that they belong to, without being its workers") {
  const auto running = managed_only::topology.start();
  auto& crew = managed_only::native_pools::crew;
  const auto here = [] { return pinfold::this_pool(); };
  CHECK(crew.spawn_thread("managed", here).join() == pool_ref(crew));
  auto& net = managed_only::asio_pools::net;
  CHECK(
      net.async_blocking([&] { return *here() == pool_ref(net) && !here()->contains_this_thread(); }, asio::use_future)
          .get());
}

TEST_CASE("a reference to a pool without task workers hands it nothing") {
  const auto running = managed_only::topology.start();
  const pool_ref crew = managed_only::native_pools::crew;
  CHECK(crew.size() == 0);
  const std::string message = message_of<pinfold::pool_stopped>([&] { crew.post([] {}); });
  CHECK(contains(message, "native.crew takes no tasks: it has no task workers (threads = 0)"));
  CHECK_THROWS_AS(crew.install([] {}), pinfold::pool_stopped);
  CHECK_THROWS_AS(crew.get_executor(), pinfold::pool_stopped);
  CHECK_THROWS_AS(crew.async_invoke([] {}, asio::use_future), pinfold::pool_stopped);
}
