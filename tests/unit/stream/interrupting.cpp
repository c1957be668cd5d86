// Cancelled waits, cancelled streams, dropped streams.
#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "stream/stream_support.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

namespace {

int_function waiting_at(held_gate& gate) {
  return [&gate](int x) {
    gate.wait();
    return x;
  };
}

std::exception_ptr error_of(std::future<std::optional<int>> result) {
  try {
    result.get();
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

void cancel_a_wait(const any_pool& pool, asio::cancellation_type type) {
  held_gate gate;
  auto stream = map_numbers(pool, 20, waiting_at(gate), {.window = 3});
  asio::cancellation_signal signal;
  asio::io_context own;
  boost::system::error_code seen;
  stream.async_next(asio::bind_cancellation_slot(
      signal.slot(), asio::bind_executor(own, [&](const std::exception_ptr& error, std::optional<int> item) {
        CHECK_FALSE(item);
        seen = code_of(error);
      })));
  signal.emit(type);
  CHECK_FALSE(seen);  // not inside emit
  own.run();          // while the items are held
  CHECK(seen == asio::error::operation_aborted);
  gate.open();
  CHECK(rest(stream) == numbers(20));
  signal.emit(type);  // of an operation that is long over
}

// A consumer that loses patience again and again, with every delay.
asio::awaitable<std::vector<int>> take_impatiently(int_stream& stream, asio::io_context& own, int& aborted) {
  std::vector<int> all;
  for (int round = 0;; ++round) {
    asio::cancellation_signal signal;
    bool ended = false;
    std::optional<int> result;
    std::exception_ptr failure;
    stream.async_next(asio::bind_cancellation_slot(
        signal.slot(), asio::bind_executor(own, [&](std::exception_ptr error, std::optional<int> item) {
          failure = std::move(error);
          result = item;
          ended = true;
        })));
    for (int spin = 0; spin < round % 50; ++spin) std::this_thread::yield();
    if (!ended) signal.emit(asio::cancellation_type::total);
    while (!ended) co_await asio::post(own, asio::use_awaitable);
    if (failure) {
      ++aborted;
    } else if (result) {
      all.push_back(*result);
    } else {
      co_return all;
    }
  }
}

}  // namespace

TEMPLATE_TEST_CASE("a wait that is cancelled ends at once and loses nothing", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  const any_pool pool(TestType::pool());
  cancel_a_wait(pool, asio::cancellation_type::total);
  cancel_a_wait(pool, asio::cancellation_type::partial);
  cancel_a_wait(pool, asio::cancellation_type::terminal);
}

TEST_CASE("waits that are cancelled at any moment lose nothing") {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  for (const bool ordered : {true, false}) {
    auto stream = map_numbers(any_pool(contract::native_pools::two), 2'000, [](int x) { return x; },
                              {.window = 4, .ordered = ordered});
    int aborted = 0;
    auto result = asio::co_spawn(own, take_impatiently(stream, own, aborted), asio::use_future);
    own.restart();
    own.run();
    auto all = result.get();
    if (!ordered) std::ranges::sort(all);
    CHECK(all == numbers(2'000));
  }
}

TEST_CASE("waits for chained streams that are cancelled at any moment lose nothing") {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  auto first = map_numbers(any_pool(contract::asio_pools::two), 1'000, [](int x) { return x; }, {.window = 4});
  auto second =
      pinfold::compute_map(contract::native_pools::two, std::move(first), [](int x) { return x; }, {.window = 2});
  int aborted = 0;
  auto result = asio::co_spawn(own, take_impatiently(second, own, aborted), asio::use_future);
  own.run();
  CHECK(result.get() == numbers(1'000));
}

TEST_CASE("Asio's operators put a time limit on a wait, and the stream goes on") {
  using namespace asio::experimental::awaitable_operators;
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  held_gate gate;
  auto stream = map_numbers(any_pool(contract::native_pools::two), 10, waiting_at(gate));
  const auto limited = [&]() -> asio::awaitable<bool> {
    asio::steady_timer limit(own, std::chrono::milliseconds(5));
    const auto first = co_await (stream.async_next(asio::use_awaitable) || limit.async_wait(asio::use_awaitable));
    co_return first.index() == 1;
  };
  auto timed_out = asio::co_spawn(own, limited(), asio::use_future);
  own.run();
  CHECK(timed_out.get());
  gate.open();
  CHECK(rest(stream) == numbers(10));
}

TEMPLATE_TEST_CASE("a cancelled stream ends with operation_aborted when what has begun has ended", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  const any_pool pool(TestType::pool());
  held_gate gate;
  std::atomic<std::size_t> ended = 0;
  const auto count = [&](int x) {
    gate.wait();
    ++ended;
    return x;
  };
  auto stream = map_numbers(pool, 100, count, {.window = 50});
  auto waiting = next(stream);
  gate.wait_for_arrivals(pool.size());
  stream.cancel();
  CHECK(waiting.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  gate.open();
  CHECK(code_of(error_of(std::move(waiting))) == asio::error::operation_aborted);
  CHECK(ended == pool.size());  // those that had begun, and no others
  CHECK_FALSE(next(stream).get());
  stream.cancel();
  CHECK_FALSE(next(stream).get());
}

TEST_CASE("cancelling a stream before it is asked, and one that has ended") {
  const auto running = contract::topology.start();
  const any_pool pool(contract::native_pools::two);
  auto unasked = map_numbers(pool, 10, [](int x) { return x; });
  unasked.cancel();
  CHECK(code_of(error_of(next(unasked))) == asio::error::operation_aborted);
  CHECK_FALSE(next(unasked).get());
  auto ended = map_numbers(pool, 10, [](int x) { return x; });
  rest(ended);
  ended.cancel();
  CHECK_FALSE(next(ended).get());
  drain(ended);
}

TEST_CASE("cancelling a stream cancels a read that waits, and no item of a borrowed channel is lost") {
  const auto running = contract::topology.start();
  asio::experimental::concurrent_channel<void(boost::system::error_code, int)> items(
      contract::asio_pools::two.get_executor());
  for (int round = 0; round < 200; ++round) {
    auto stream = pinfold::compute_map(contract::native_pools::two, items, [](int x) { return x; });
    auto waiting = next(stream);
    for (int spin = 0; spin < round % 20; ++spin) std::this_thread::yield();
    stream.cancel();
    REQUIRE(code_of(error_of(std::move(waiting))) == asio::error::operation_aborted);
    CHECK_FALSE(items.try_send(boost::system::error_code(), 1));  // nobody reads it any more
  }
}

TEST_CASE("the exception of an item cancels a read that waits") {
  const auto running = contract::topology.start();
  asio::experimental::concurrent_channel<void(boost::system::error_code, int)> items(
      contract::asio_pools::two.get_executor(), 1);
  auto stream =
      pinfold::compute_map(contract::native_pools::two, items, [](int) -> int { throw std::runtime_error("item"); });
  auto waiting = next(stream);
  CHECK(items.try_send(boost::system::error_code(), 1));
  CHECK_THROWS_AS(waiting.get(), std::runtime_error);
  CHECK_FALSE(next(stream).get());
}

TEMPLATE_TEST_CASE("a stream that is dropped with items in flight waits for them, and then goes", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  auto owned = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = owned;
  std::atomic<std::size_t> ended = 0;
  std::atomic<bool> gone = false;
  {
    auto stream = map_numbers(any_pool(pool), 100,
                              [&, kept = std::exchange(owned, nullptr)](int x) {
                                gate.wait();
                                gone = gone || watched.expired();
                                ++ended;
                                return x * *kept;
                              },
                              {.window = 50});
    auto waiting = next(stream);
    gate.wait_for_arrivals(pool.size());
    auto moved = std::move(stream);
    stream = map_numbers(any_pool(pool), 0, [](int x) { return x; });
    stream = std::move(moved);
    stream = map_numbers(any_pool(pool), 0, [](int x) { return x; });  // the first is dropped here
    CHECK(waiting.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    gate.open();
    CHECK(code_of(error_of(std::move(waiting))) == asio::error::operation_aborted);
  }
  pool.wait_idle();
  CHECK(ended == pool.size());
  CHECK_FALSE(gone);
  CHECK(watched.expired());
}

TEST_CASE("async_drain completes when what has begun has ended") {
  const auto running = contract::topology.start();
  held_gate gate;
  std::atomic<int> ended = 0;
  auto stream = map_numbers(any_pool(contract::native_pools::two), 100,
                            [&](int x) {
                              gate.wait();
                              ++ended;
                              return x;
                            },
                            {.window = 10});
  auto waiting = next(stream);
  gate.wait_for_arrivals(2);
  auto drained = stream.async_drain(asio::use_future);
  auto again = stream.async_drain(asio::use_future);
  CHECK(drained.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  gate.open();
  drained.get();
  CHECK(ended == 2);
  again.get();
  drain(stream);
  CHECK(code_of(error_of(std::move(waiting))) == asio::error::operation_aborted);
}

TEST_CASE("draining the second of two chained streams waits for what has begun in the first") {
  const auto running = contract::topology.start();
  held_gate gate;
  std::atomic<int> ended = 0;
  auto first = map_numbers(any_pool(contract::asio_pools::two), 100,
                           [&](int x) {
                             gate.wait();
                             ++ended;
                             return x;
                           },
                           {.window = 10});
  auto second = pinfold::compute_map(contract::native_pools::two, std::move(first), [](int x) { return x; });
  auto waiting = next(second);
  gate.wait_for_arrivals(2);
  auto drained = second.async_drain(asio::use_future);
  CHECK(drained.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
  gate.open();
  drained.get();
  CHECK(ended == 2);
  CHECK(code_of(error_of(std::move(waiting))) == asio::error::operation_aborted);
}

TEST_CASE("a stream is dropped by its own handler") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  std::atomic<int> handled = 0;
  for (int round = 0; round < 200; ++round) {
    auto stream = std::make_shared<int_stream>(map_numbers(any_pool(pool), 10, [](int x) { return x; }));
    auto& alias = *stream;
    alias.async_next([&handled, stream = std::move(stream)](const std::exception_ptr&, std::optional<int>) mutable {
      stream.reset();
      ++handled;
    });
  }
  CHECK(eventually([&] { return handled == 200; }));
}
