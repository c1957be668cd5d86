// get_executor(): Asio's own functions take every kind of pool.
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/defer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>
#include <vector>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

TEMPLATE_TEST_CASE("Asio's post, dispatch and defer from outside run on the pool", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> inside = 0;
  const auto note = [&] { inside += pool.contains_this_thread() ? 1 : 0; };

  asio::post(pool.get_executor(), note);
  asio::dispatch(pool.get_executor(), note);
  asio::defer(pool.get_executor(), note);
  pool.wait_idle();

  CHECK(inside == 3);
}

TEMPLATE_TEST_CASE("dispatch inside the pool runs at once and post and defer do not", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  static thread_local bool caller_is_on_this_stack = false;
  std::atomic<int> nested = 0;
  bool dispatched_at_once = false;

  pool.install([&] {
    caller_is_on_this_stack = true;
    asio::dispatch(pool.get_executor(), [&] { dispatched_at_once = caller_is_on_this_stack; });
    asio::post(pool.get_executor(), [&] { nested += caller_is_on_this_stack ? 1 : 0; });
    asio::defer(pool.get_executor(), [&] { nested += caller_is_on_this_stack ? 1 : 0; });
    caller_is_on_this_stack = false;
  });
  pool.wait_idle();

  CHECK(dispatched_at_once);
  CHECK(nested == 0);
}

TEMPLATE_TEST_CASE("use_future carries a result and an exception out of the pool", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  const auto executor = TestType::pool().get_executor();

  CHECK(asio::post(executor, asio::use_future([] { return 42; })).get() == 42);
  auto failing = asio::post(executor, asio::use_future([]() -> int { throw std::runtime_error("lost"); }));
  TestType::pool()
      .wait_idle();  // libstdc++ counts an exception's holders out of the thread sanitizer's sight: be the last
  CHECK(message_of<std::runtime_error>([&] { failing.get(); }) == "lost");
}

TEMPLATE_TEST_CASE("a coroutine runs on the pool and stays there across suspensions", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> outside = 0;
  const auto body = [&]() -> asio::awaitable<int> {
    for (int i = 0; i < 100; ++i) {
      outside += pool.contains_this_thread() ? 0 : 1;
      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    }
    co_return 7;
  };

  CHECK(asio::co_spawn(pool.get_executor(), body(), asio::use_future).get() == 7);
  CHECK(outside == 0);
}

TEMPLATE_TEST_CASE("a strand serialises what it is given on every kind of pool", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const auto strand = asio::make_strand(pool.get_executor());
  std::vector<int> order;  // not guarded: the strand is what keeps it whole
  std::atomic<int> inside = 0;
  std::atomic<int> collisions = 0;

  for (int i = 0; i < 2'000; ++i) {
    asio::post(strand, [&, i] {
      collisions += inside.exchange(1);
      order.push_back(i);
      inside = 0;
    });
  }
  pool.wait_idle();

  CHECK(collisions == 0);
  CHECK(order.size() == 2'000);
  CHECK(std::is_sorted(order.begin(), order.end()));
}

TEMPLATE_TEST_CASE("any_io_executor erases a pool's executor and compares by pool", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const asio::any_io_executor erased = pool.get_executor();

  CHECK(asio::post(erased, asio::use_future([&] { return pool.contains_this_thread(); })).get());
  CHECK(erased == asio::any_io_executor(pool.get_executor()));
  CHECK(pool.get_executor() == pool.get_executor());
  std::size_t equal = 0;
  contract::topology.for_each([&](auto& each) { equal += each.get_executor() == pool.get_executor() ? 1 : 0; });
  CHECK(equal == 1);
}

TEMPLATE_TEST_CASE("a handler bound to a pool's executor runs on that pool", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::atomic<bool> inside = false;

  asio::post(contract::asio_pools::one.get_executor(),
             asio::bind_executor(pool.get_executor(), [&] { inside = pool.contains_this_thread(); }));
  running.wait_idle();

  CHECK(inside);
}

TEMPLATE_TEST_CASE("an executor keeps the properties that it was asked for", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  namespace execution = asio::execution;
  const auto executor = pool.get_executor();

  CHECK(asio::query(executor, execution::blocking) == execution::blocking.possibly);
  const auto never = asio::require(executor, execution::blocking.never);
  CHECK(asio::query(never, execution::blocking) == execution::blocking.never);
  CHECK(never != executor);
  CHECK(asio::query(asio::prefer(executor, execution::outstanding_work.tracked), execution::outstanding_work) ==
        execution::outstanding_work.tracked);
  CHECK(asio::query(asio::prefer(executor, execution::relationship.continuation), execution::relationship) ==
        execution::relationship.continuation);
  const auto thread = pool.install([&] {
    std::thread::id ran;
    executor.execute([&] { ran = std::this_thread::get_id(); });
    return ran == std::this_thread::get_id();
  });
  CHECK(thread);
}

TEMPLATE_TEST_CASE("an executor refuses work while its topology does not run", "", PINFOLD_TEST_POOLS) {
  const auto executor = TestType::pool().get_executor();
  CHECK_THROWS_AS(asio::post(executor, [] {}), pinfold::pool_stopped);
  CHECK_THROWS_AS(asio::query(executor, asio::execution::context), pinfold::pool_stopped);
}
