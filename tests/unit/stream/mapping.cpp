// compute_map() of ranges: order, window, and what becomes of items.
#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <memory>
#include <ranges>
#include <sstream>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "stream/stream_support.hpp"
#include "support/held_gate.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

namespace {

int after_a_while(int x) {
  std::this_thread::sleep_for(std::chrono::microseconds((x * 7919 % 5) * 100));
  return x;
}

void deliver_in_order(const any_pool& pool, std::size_t window) {
  auto stream = map_numbers(pool, 100, after_a_while, {.window = window});
  CHECK(rest(stream) == numbers(100));
  CHECK_FALSE(next(stream).get());
}

void deliver_all(const any_pool& pool) {
  auto stream = map_numbers(pool, 100, after_a_while, {.window = 7, .ordered = false});
  auto all = rest(stream);
  std::ranges::sort(all);
  CHECK(all == numbers(100));
  CHECK_FALSE(next(stream).get());
}

void map_few(const any_pool& pool) {
  const auto negative = [](int x) { return -x; };
  auto none = map_numbers(pool, 0, negative);
  CHECK_FALSE(next(none).get());
  CHECK_FALSE(next(none).get());
  auto single = map_numbers(pool, 1, negative, {.window = 5});
  CHECK(rest(single) == std::vector<int>{0});
  CHECK_FALSE(next(single).get());
}

// Counts the reads of a range.
int_stream map_counted(const any_pool& pool, std::atomic<int>& reads, int_function f, pinfold::map_options options) {
  const auto count = [&reads](int x) {
    ++reads;
    return x;
  };
  return pinfold::compute_map(pool, std::views::iota(0, 20) | std::views::transform(count), std::move(f), options);
}

void read_within_the_window(const any_pool& pool, bool ordered) {
  std::atomic<int> reads = 0;
  held_gate gate;
  const auto wait = [&](int x) {
    gate.wait();
    return x;
  };
  auto stream = map_counted(pool, reads, wait, {.window = 3, .ordered = ordered});
  CHECK(reads == 0);  // before it is asked
  auto first = next(stream);
  CHECK(reads == 3);
  gate.open();
  CHECK(first.get());
  CHECK(reads == 3);
  int delivered = 1;
  while (next(stream).get()) {
    ++delivered;
    CHECK(reads <= std::min(delivered + 3, 20));
    CHECK(reads >= std::min(delivered + 2, 20));  // the call that delivers may have come before the item
  }
  CHECK(delivered == 20);
}

}  // namespace

TEMPLATE_TEST_CASE("an ordered stream delivers in the source's order, however long the items take", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  const any_pool pool(TestType::pool());
  for (const std::size_t window : {0, 1, 2, 16, 200}) deliver_in_order(pool, window);
}

TEMPLATE_TEST_CASE("an unordered stream delivers all", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  deliver_all(any_pool(TestType::pool()));
}

TEMPLATE_TEST_CASE("streams of no item and of one end", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  map_few(any_pool(TestType::pool()));
}

TEMPLATE_TEST_CASE("no more than a window of items is read and not delivered", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  read_within_the_window(any_pool(TestType::pool()), true);
  read_within_the_window(any_pool(TestType::pool()), false);
}

TEST_CASE("an unordered stream does not wait for an item that takes long") {
  const auto running = contract::topology.start();
  held_gate gate;
  const auto wait_for_first = [&](int x) {
    if (x == 0) gate.wait();
    return x;
  };
  auto stream = map_numbers(any_pool(contract::native_pools::two), 4, wait_for_first, {.window = 4, .ordered = false});
  std::vector<int> before;
  for (int i = 0; i < 3; ++i) before.push_back(next(stream).get().value());
  std::ranges::sort(before);
  CHECK(before == std::vector{1, 2, 3});
  gate.open();
  CHECK(rest(stream) == std::vector{0});
}

TEST_CASE("the function runs in the pool, on all of its threads at once") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  held_gate gate;
  auto stream = pinfold::compute_map(pool, std::views::iota(0, 2), [&](int) {
    gate.wait();
    return pool.contains_this_thread() ? 1 : 0;
  });
  auto first = next(stream);
  gate.wait_for_arrivals(2);
  gate.open();
  CHECK(first.get() == 1);
  CHECK(rest(stream) == std::vector{1});
}

TEST_CASE("a consumer is a coroutine on any executor") {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  const any_pool pool(contract::native_pools::two);
  const auto negative = [](int x) { return -x; };
  const auto guard = asio::make_work_guard(own);
  std::thread runner([&] { own.run(); });
  for (const asio::any_io_executor& home :
       {asio::any_io_executor(contract::asio_pools::one.get_executor()),
        asio::any_io_executor(contract::asio_pools::one.context().get_executor()),
        asio::any_io_executor(contract::native_pools::two.get_executor()), asio::any_io_executor(own.get_executor())}) {
    auto stream = map_numbers(pool, 200, negative, {.window = 4});
    const auto all = rest_on(home, stream);
    CHECK(all.size() == 200);
    CHECK(all.back() == -199);
  }
  own.stop();
  runner.join();
}

TEST_CASE("items and results need only be movable, and results no default constructor") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  std::vector<std::unique_ptr<int>> items;
  for (int i = 0; i < 10; ++i) items.push_back(std::make_unique<int>(i));
  auto moved =
      pinfold::compute_map(pool, std::move(items), [only = std::make_unique<int>(1)](std::unique_ptr<int> item) {
        *item += *only;
        return item;
      });
  for (int i = 0; i < 10; ++i) CHECK(**moved.async_next(asio::use_future).get() == i + 1);
  CHECK_FALSE(moved.async_next(asio::use_future).get());

  struct no_default {
    explicit no_default(int x) : value(x) {}
    int value;
  };
  auto plain = pinfold::compute_map(pool, std::views::iota(5, 6), [](int x) { return no_default(x); });
  CHECK(plain.async_next(asio::use_future).get()->value == 5);
}

TEST_CASE("a function that returns nothing gives a stream of monostates") {
  const auto running = contract::topology.start();
  std::atomic<int> sum = 0;
  pinfold::mapped_stream<std::monostate> stream =
      pinfold::compute_map(contract::native_pools::two, numbers(5), [&](int x) { sum += x; });
  int count = 0;
  while (stream.async_next(asio::use_future).get()) ++count;
  CHECK(count == 5);
  CHECK(sum == 10);
}

TEST_CASE("the function gets references to the elements of a borrowed range") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  std::vector<std::unique_ptr<int>> items;
  for (int i = 0; i < 10; ++i) items.push_back(std::make_unique<int>(i));
  auto stream = pinfold::compute_map(pool, items, [](std::unique_ptr<int>& item) { return *item += 100; });
  CHECK(rest(stream).back() == 109);
  CHECK(*items.front() == 100);

  const std::vector<int> constants = numbers(3);
  auto addresses = pinfold::compute_map(pool, constants | std::views::reverse, [](const int& x) { return &x; });
  CHECK(addresses.async_next(asio::use_future).get() == &constants[2]);
}

TEST_CASE("of an input range no item is extracted before it is wanted") {
  const auto running = contract::topology.start();
  std::istringstream text("1 2 3 4");
  auto stream = pinfold::compute_map(contract::native_pools::two, std::views::istream<int>(text),
                                     [](int x) { return x; }, {.window = 2});
  CHECK(next(stream).get() == 1);
  CHECK(text.rdbuf()->in_avail() == 4);  // " 3 4"
  CHECK(rest(stream) == std::vector{2, 3, 4});
}

TEST_CASE("the handler is never called inside async_next") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  const any_pool streams(pool);
  static thread_local bool starts = false;
  std::atomic<int> inside = 0;
  std::atomic<int> calls = 0;
  pool.install([&] {
    auto stream = map_numbers(streams, 50, [](int x) { return x; }, {.window = 50});
    for (int i = 0; i < 52; ++i) {
      std::atomic<bool> called = false;
      starts = true;
      stream.async_next([&](const std::exception_ptr&, std::optional<int>) {
        inside += starts ? 1 : 0;
        ++calls;
        called = true;
      });
      starts = false;
      while (!called) pinfold::yield_now();
    }
  });
  CHECK(calls == 52);
  CHECK(inside == 0);
}
