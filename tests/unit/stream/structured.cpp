// for_each_mapped(): a stream with its consumer, that leaves nothing behind.
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pinfold/for_each_mapped.hpp>

#include "catch.hpp"
#include "stream/stream_support.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

TEMPLATE_TEST_CASE("for_each_mapped gives the results to a sink on the coroutine's executor", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  const any_pool pool(TestType::pool());
  const auto home = contract::asio_pools::one.get_executor();
  const auto consumer = [&]() -> asio::awaitable<std::vector<int>> {
    std::vector<int> items = numbers(200);  // borrowed, as is all below
    std::vector<int> results;
    int at_home = 0;
    co_await pinfold::for_each_mapped(
        pool, items, [&](int& x) { return std::exchange(x, 0); },
        [&](int x) {
          at_home += home.running_in_this_thread() ? 1 : 0;
          results.push_back(x);
        },
        {.window = 5});
    CHECK(at_home == 200);
    CHECK(items == std::vector<int>(200));
    co_return results;
  };
  CHECK(asio::co_spawn(home, consumer(), asio::use_future).get() == numbers(200));
}

TEST_CASE("for_each_mapped awaits a sink that returns an awaitable, and moves results into it") {
  const auto running = contract::topology.start();
  const auto home = contract::asio_pools::one.get_executor();
  int sum = 0;
  const auto consumer = [&]() -> asio::awaitable<void> {
    co_await pinfold::for_each_mapped(
        contract::native_pools::two, numbers(10), [](int x) { return std::make_unique<int>(x); },
        [&](std::unique_ptr<int> x) -> asio::awaitable<void> {
          co_await asio::post(home, asio::use_awaitable);
          sum += *x;
        });
  };
  asio::co_spawn(home, consumer(), asio::use_future).get();
  CHECK(sum == 45);
}

TEST_CASE("for_each_mapped rethrows the sink's exception when what has begun has ended") {
  const auto running = contract::topology.start();
  held_gate gate;
  std::atomic<int> begun = 0;
  std::atomic<int> ended = 0;
  const auto hold = [&](int x) {
    ++begun;
    if (x > 0) gate.wait();
    ++ended;
    return x;
  };
  const auto fail = [&](int) {
    gate.wait_for_arrivals(2);
    std::thread([&] { gate.open(); }).detach();
    throw std::runtime_error("sink");
  };
  const auto consumer = [&]() -> asio::awaitable<bool> {
    try {
      co_await pinfold::for_each_mapped(contract::native_pools::two, numbers(50), hold, fail, {.window = 20});
    } catch (const std::runtime_error&) {
      co_return begun == ended;
    }
    co_return false;
  };
  CHECK(asio::co_spawn(contract::asio_pools::one.get_executor(), consumer(), asio::use_future).get());
  gate.wait_for_arrivals(2);
}

TEST_CASE("for_each_mapped rethrows the function's exception") {
  const auto running = contract::topology.start();
  int delivered = 0;
  auto result = asio::co_spawn(
      contract::asio_pools::one.get_executor(),
      pinfold::for_each_mapped(
          contract::native_pools::two, numbers(50), [](int x) { return x == 9 ? throw std::runtime_error("nine") : x; },
          [&](int) { ++delivered; }),
      asio::use_future);
  CHECK(message_of<std::runtime_error>([&] { result.get(); }) == "nine");
  CHECK(delivered == 9);
}

TEST_CASE("a cancelled for_each_mapped waits for what has begun") {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  held_gate gate;
  std::atomic<int> ended = 0;
  asio::cancellation_signal signal;
  std::exception_ptr error;
  bool completed = false;
  asio::co_spawn(own,
                 pinfold::for_each_mapped(
                     contract::native_pools::two, numbers(50),
                     [&](int x) {
                       gate.wait();
                       ++ended;
                       return x;
                     },
                     [](int) {}, {.window = 20}),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr failure) {
                   error = std::move(failure);
                   completed = true;
                 }));
  own.poll();
  gate.wait_for_arrivals(2);
  signal.emit(asio::cancellation_type::terminal);
  own.poll();
  CHECK_FALSE(completed);
  gate.open();
  own.restart();
  own.run();
  CHECK(completed);
  CHECK(ended == 2);
  CHECK(code_of(error) == asio::error::operation_aborted);
}
