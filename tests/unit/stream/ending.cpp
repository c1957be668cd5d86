// How a stream ends by an exception: once, after what came before, and when nothing runs any more.
#include <atomic>
#include <boost/asio/error.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "stream/stream_support.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

namespace {

std::string message(const std::exception_ptr& error) {
  if (!error) return "no exception";
  return message_of<std::runtime_error>([&] { std::rethrow_exception(error); });
}

void end_once(int_stream& stream) {
  for (int i = 0; i < 3; ++i) CHECK_FALSE(next(stream).get());
}

auto counted_numbers(std::atomic<int>& reads, int count) {
  return std::views::iota(0, count) | std::views::transform([&reads](int x) {
           ++reads;
           return x;
         });
}

void fail_in_order(const any_pool& pool) {
  std::atomic<int> reads = 0;
  const auto fail_at_20 = [](int x) { return x == 20 ? throw std::runtime_error("twenty") : x; };
  auto stream = pinfold::compute_map(pool, counted_numbers(reads, 1'000), fail_at_20, {.window = 4});
  const auto [before, error] = until_error(stream);
  CHECK(before == numbers(20));
  CHECK(message(error) == "twenty");
  CHECK(reads <= 24);
  end_once(stream);
}

void fail_out_of_order(const any_pool& pool) {
  std::atomic<int> reads = 0;
  const auto fail_at_20 = [](int x) { return x == 20 ? throw std::runtime_error("twenty") : x; };
  auto stream = pinfold::compute_map(pool, counted_numbers(reads, 1'000), fail_at_20, {.window = 4, .ordered = false});
  const auto [before, error] = until_error(stream);
  CHECK(before.size() >= 17);
  CHECK(message(error) == "twenty");
  // While the failing item takes its time the others may go on, within the window.
  CHECK(reads <= static_cast<int>(before.size()) + 4);
  end_once(stream);
}

// The elements are there, but the way to the sixth is not.
std::vector<int> throwing_range_results(const any_pool& pool, bool ordered, std::exception_ptr& error) {
  const auto fail_at_5 = [](int x) { return x == 5 ? throw std::runtime_error("range") : x; };
  auto stream = pinfold::compute_map(pool, std::views::iota(0, 100) | std::views::transform(fail_at_5),
                                     [](int x) { return x; }, {.window = 3, .ordered = ordered});
  auto all = until_error(stream);
  error = all.error;
  end_once(stream);
  return all.before;
}

}  // namespace

TEMPLATE_TEST_CASE("an exception of the function comes after the results before it, once", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  fail_in_order(any_pool(TestType::pool()));
}

TEMPLATE_TEST_CASE("an exception of the function ends an unordered stream, too", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  fail_out_of_order(any_pool(TestType::pool()));
}

TEMPLATE_TEST_CASE("an exception of the range ends the stream, after what came before", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  const any_pool pool(TestType::pool());
  std::exception_ptr error;
  CHECK(throwing_range_results(pool, true, error) == numbers(5));
  CHECK(message(error) == "range");
  CHECK(throwing_range_results(pool, false, error).size() == 5);
  CHECK(message(error) == "range");
}

TEST_CASE("of several exceptions the first in the source's order is delivered") {
  const auto running = contract::topology.start();
  held_gate gate;
  std::atomic<bool> second_failed = false;
  const auto fail = [&](int x) -> int {
    if (x == 1) gate.wait();
    if (x == 2) {
      second_failed = true;
      gate.open();
    }
    return x == 0 ? 0 : throw std::runtime_error(std::to_string(x));
  };
  auto stream = map_numbers(any_pool(contract::native_pools::two), 10, fail, {.window = 3});
  const auto [before, error] = until_error(stream);
  CHECK(before == std::vector{0});
  CHECK(second_failed);
  CHECK(message(error) == "1");
  end_once(stream);
}

TEST_CASE("the exception is delivered when nothing of the stream runs any more") {
  const auto running = contract::topology.start();
  for (const bool ordered : {true, false}) {
    held_gate gate;
    std::atomic<bool> ended = false;
    const auto fail_first = [&](int x) {
      if (x == 0) {
        gate.wait_for_arrivals(1);
        throw std::runtime_error("first");
      }
      gate.wait();
      ended = true;
      return x;
    };
    auto stream = map_numbers(any_pool(contract::native_pools::two), 2, fail_first, {.window = 2, .ordered = ordered});
    auto first = next(stream);
    gate.wait_for_arrivals(1);
    contract::native_pools::two.install([] {});  // the other thread is free: the exception is there
    CHECK(first.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    gate.open();
    CHECK_THROWS_AS(first.get(), std::runtime_error);
    CHECK(ended);
    end_once(stream);
  }
}

TEST_CASE("items behind an exception are not begun") {
  const auto running = contract::topology.start();
  std::atomic<int> calls = 0;
  const auto fail_first = [&](int x) {
    ++calls;
    return x == 0 ? throw std::runtime_error("first") : x;
  };
  auto stream = map_numbers(any_pool(contract::native_pools::one), 100, fail_first, {.window = 50});
  held_gate gate;
  contract::native_pools::one.post([&] { gate.wait(); });
  auto first = next(stream);
  gate.open();
  CHECK_THROWS_AS(first.get(), std::runtime_error);
  CHECK(calls == 1);
}

namespace {

// Its move number `fatal` throws.
struct fragile {
  fragile(int x, int fatal_move) : value(x), fatal(fatal_move) {}
  fragile(fragile&& other) : value(other.value), fatal(other.fatal - 1) {  // NOLINT: that is the point
    if (fatal == 0) throw std::runtime_error("move");
  }
  int value;
  int fatal;
};

}  // namespace

TEST_CASE("an item that cannot be moved ends the stream in its place") {
  const auto running = contract::topology.start();
  for (const bool ordered : {true, false}) {
    const auto make = [](int x) { return fragile(x, x == 3 ? 1 : 100); };
    auto stream =
        pinfold::compute_map(contract::native_pools::two, std::views::iota(0, 10) | std::views::transform(make),
                             [](const fragile& x) { return x.value; }, {.window = 3, .ordered = ordered});
    const auto [before, error] = until_error(stream);
    CHECK(before.size() == 3);
    CHECK(message(error) == "move");
    end_once(stream);
  }
}

TEST_CASE("a result that cannot be moved is lost, and its exception not") {
  const auto running = contract::topology.start();
  auto stream = pinfold::compute_map(contract::native_pools::two, numbers(10),
                                     [](int x) { return fragile(x, x == 3 ? 2 : 100); });
  for (int i = 0; i < 10; ++i) {
    auto result = stream.async_next(asio::use_future);
    if (i == 3) {
      CHECK_THROWS_AS(result.get(), std::runtime_error);
    } else {
      CHECK(result.get()->value == i);
    }
  }
  CHECK_FALSE(stream.async_next(asio::use_future).get());
}

TEST_CASE("a second async_next while one waits is refused, the first goes on") {
  const auto running = contract::topology.start();
  held_gate gate;
  const auto wait = [&](int x) {
    gate.wait();
    return x;
  };
  auto stream = map_numbers(any_pool(contract::native_pools::two), 3, wait);
  auto first = next(stream);
  auto second = next(stream);
  std::exception_ptr refused;
  try {
    second.get();
  } catch (...) {
    refused = std::current_exception();
  }
  CHECK(code_of(refused) == asio::error::already_started);
  gate.open();
  CHECK(first.get() == 0);
  CHECK(rest(stream) == std::vector{1, 2});
}
