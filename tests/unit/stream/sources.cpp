// compute_map() of channels, generators and other streams.
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/experimental/coro.hpp>
#include <boost/asio/experimental/use_coro.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "catch.hpp"
#include "stream/stream_support.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

using channel = asio::experimental::channel<void(error_code, int)>;
using concurrent_channel = asio::experimental::concurrent_channel<void(error_code, int)>;
using generator = asio::experimental::coro<int>;

int negative(int x) { return -x; }

template <class Channel>
asio::awaitable<void> send_numbers(Channel& to, int count, error_code last) {
  for (int i = 0; i < count; ++i) co_await to.async_send(error_code(), i, asio::use_awaitable);
  co_await to.async_send(last, 0, asio::use_awaitable);
}

void check_negative(const std::vector<int>& results, std::size_t count) {
  REQUIRE(results.size() == count);
  for (std::size_t i = 0; i < count; ++i) CHECK(results[i] == -static_cast<int>(i));
}

void map_concurrent_channel(const any_pool& pool, std::size_t capacity) {
  concurrent_channel items(contract::asio_pools::two.get_executor(), capacity);
  asio::co_spawn(contract::asio_pools::one.get_executor(), send_numbers(items, 300, asio::error::eof), asio::detached);
  auto stream = pinfold::compute_map(pool, items, negative, {.window = 3});
  check_negative(rest(stream), 300);
}

generator count_slowly(asio::any_io_executor home, int count) {
  asio::steady_timer timer(home);
  for (int i = 0; i < count; ++i) {
    timer.expires_after(std::chrono::microseconds(50));
    co_await timer.async_wait(asio::experimental::use_coro);
    co_yield i;
  }
}

asio::experimental::coro<std::unique_ptr<int>> count_owned(asio::any_io_executor, int count) {
  for (int i = 0; i < count; ++i) co_yield std::make_unique<int>(i);
}

generator count_for_ever(asio::any_io_executor, int& yielded) {
  for (;;) co_yield yielded++;
}

generator count_and_throw(asio::any_io_executor, int count) {
  for (int i = 0; i < count; ++i) co_yield i;
  throw std::runtime_error("generator");
}

// Somebody else's stream.
class counter {
 public:
  using value_type = int;

  counter(asio::any_io_executor home, int count) : home_(std::move(home)), count_(count) {}
  [[nodiscard]] asio::any_io_executor get_executor() const { return home_; }

  template <class Token>
  auto async_next(Token&& token) {
    return asio::async_initiate<Token, void(std::exception_ptr, std::optional<int>)>(
        [this](auto handler) {
          const auto item = next_ < count_ ? std::optional(next_++) : std::nullopt;
          asio::post(home_, [item, handler = std::move(handler)]() mutable { std::move(handler)(nullptr, item); });
        },
        token);
  }

 private:
  asio::any_io_executor home_;
  int count_;
  int next_ = 0;
};
static_assert(pinfold::async_stream<counter>);

}  // namespace

TEMPLATE_TEST_CASE("a channel is mapped until an eof comes through it", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  const any_pool pool(TestType::pool());
  map_concurrent_channel(pool, 0);
  map_concurrent_channel(pool, 5);
}

TEST_CASE("a channel that is not concurrent is used on its executor only") {
  const auto running = contract::topology.start();
  asio::io_context own;
  channel items(own, 2);
  asio::co_spawn(own, send_numbers(items, 300, asio::error::eof), asio::detached);
  auto borrowed = pinfold::compute_map(contract::native_pools::two, items, negative, {.window = 3});
  channel filled(own, 3);
  filled.try_send(error_code(), 0);
  filled.try_send(error_code(), 1);
  filled.try_send(asio::error::eof, 0);
  auto moved_in = pinfold::compute_map(contract::native_pools::two, std::move(filled), negative, {.window = 3});
  std::thread sender([&] {
    const auto guard = asio::make_work_guard(own);
    own.run();
  });
  check_negative(rest(borrowed), 300);
  check_negative(rest(moved_in), 2);
  own.stop();
  sender.join();
}

TEST_CASE("a channel that is closed or cancelled ends the stream") {
  const auto running = contract::topology.start();
  concurrent_channel closed(contract::asio_pools::one.get_executor());
  auto first = pinfold::compute_map(contract::native_pools::two, closed, negative);
  auto waiting = next(first);
  closed.close();
  CHECK_FALSE(waiting.get());

  asio::io_context own;
  channel cancelled(own);
  auto second = pinfold::compute_map(contract::native_pools::two, cancelled, negative);
  waiting = next(second);
  own.poll();
  cancelled.cancel();
  own.restart();
  own.poll();
  CHECK_FALSE(waiting.get());
}

TEST_CASE("another error that comes through a channel ends the stream, after what came before") {
  const auto running = contract::topology.start();
  for (const bool ordered : {true, false}) {
    concurrent_channel items(contract::asio_pools::one.get_executor(), 2);
    asio::co_spawn(contract::asio_pools::one.get_executor(), send_numbers(items, 10, asio::error::connection_reset),
                   asio::detached);
    auto stream = pinfold::compute_map(contract::native_pools::two, items, negative, {.window = 4, .ordered = ordered});
    const auto [before, error] = until_error(stream);
    CHECK(before.size() == 10);
    CHECK(code_of(error) == asio::error::connection_reset);
    CHECK_FALSE(next(stream).get());
    CHECK_FALSE(next(stream).get());
  }
}

TEST_CASE("a full window holds the sender of a channel") {
  const auto running = contract::topology.start();
  asio::io_context own;
  channel items(own, 1);
  held_gate gate;
  const auto wait = [&](int x) {
    gate.wait();
    return x;
  };
  auto stream = pinfold::compute_map(contract::native_pools::two, items, wait, {.window = 2});
  auto first = next(stream);
  const auto sent = [&] {
    int count = 0;
    do {
      own.restart();
      own.poll();
    } while (items.try_send(error_code(), count) && ++count < 100);
    return count;
  };
  CHECK(sent() == 3);  // a window, and what the channel holds itself
  gate.open();
  CHECK(first.get());
  CHECK(sent() == 0);
  auto second = next(stream);
  const int more = sent();
  CHECK(more >= 1);
  CHECK(more <= 2);  // if the second result was there when it was asked for
  CHECK(second.get());
}

TEMPLATE_TEST_CASE("a generator is mapped until it returns", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  const any_pool pool(TestType::pool());
  auto moved = pinfold::compute_map(pool, count_slowly(contract::asio_pools::one.get_executor(), 50), negative);
  check_negative(rest(moved), 50);
  auto borrowed = count_slowly(contract::asio_pools::one.get_executor(), 50);
  auto stream = pinfold::compute_map(pool, borrowed, negative, {.window = 5});
  check_negative(rest(stream), 50);
}

TEST_CASE("a generator may yield what can only be moved") {
  const auto running = contract::topology.start();
  auto stream =
      pinfold::compute_map(contract::native_pools::two, count_owned(contract::asio_pools::one.get_executor(), 20),
                           [](const std::unique_ptr<int>& item) { return -*item; });
  check_negative(rest(stream), 20);
}

TEST_CASE("an exception of a generator ends the stream, after what came before") {
  const auto running = contract::topology.start();
  auto stream = pinfold::compute_map(contract::native_pools::two,
                                     count_and_throw(contract::asio_pools::one.get_executor(), 5), negative);
  const auto [before, error] = until_error(stream);
  check_negative(before, 5);
  REQUIRE(error);
  CHECK(message_of<std::runtime_error>([&] { std::rethrow_exception(error); }) == "generator");
  CHECK_FALSE(next(stream).get());
}

TEST_CASE("a generator is read no further than the window") {
  const auto running = contract::topology.start();
  asio::io_context own;
  int yielded = 0;
  auto items = count_for_ever(own.get_executor(), yielded);
  held_gate gate;
  const auto wait = [&](int x) {
    gate.wait();
    return x;
  };
  auto stream = pinfold::compute_map(contract::native_pools::two, items, wait, {.window = 3});
  CHECK(yielded == 0);
  auto first = next(stream);
  own.poll();
  CHECK(yielded == 3);
  gate.open();
  CHECK(first.get() == 0);
  drain(stream);
  CHECK(yielded == 3);
}

TEST_CASE("any stream with async_next is a source") {
  const auto running = contract::topology.start();
  auto stream = pinfold::compute_map(contract::native_pools::two, counter(contract::asio_pools::one.get_executor(), 40),
                                     negative, {.window = 4});
  check_negative(rest(stream), 40);
}

TEMPLATE_TEST_CASE("streams are chained over pools of two kinds, in order and within both windows", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  const any_pool pool(TestType::pool());
  std::atomic<int> reads = 0;
  const auto counted = std::views::iota(0, 200) | std::views::transform([&](int x) {
                         ++reads;
                         return x;
                       });
  auto first = pinfold::compute_map(contract::asio_pools::two, counted, [](int x) { return x + 1; }, {.window = 4});
  auto second = pinfold::compute_map(pool, std::move(first), [](int x) { return 1 - x; }, {.window = 3});
  CHECK(reads == 0);
  CHECK(next(second).get() == 0);
  CHECK(reads <= 1 + 4 + 3);  // delivered, and in the two windows
  CHECK(rest(second).back() == -199);
  CHECK(reads == 200);
}

TEST_CASE("three streams are chained over three pools") {
  const auto running = contract::topology.start();
  auto first = map_numbers(any_pool(contract::native_pools::two), 500, negative, {.window = 8, .ordered = false});
  auto second = pinfold::compute_map(contract::asio_pools::one, std::move(first), negative, {.window = 2});
  auto third = pinfold::compute_map(contract::native_pools::one, std::move(second), [](int x) { return x * 2; });
  long sum = 0;
  for (const int each : rest_on(contract::asio_pools::two.get_executor(), third)) sum += each;
  CHECK(sum == 2L * 499 * 500 / 2);
}

TEST_CASE("an exception of the first of two chained streams comes out of the second, once") {
  const auto running = contract::topology.start();
  const auto fail_at_7 = [](int x) { return x == 7 ? throw std::runtime_error("seven") : x; };
  auto first = map_numbers(any_pool(contract::asio_pools::two), 100, fail_at_7, {.window = 4});
  auto second = pinfold::compute_map(contract::native_pools::two, std::move(first), negative, {.window = 3});
  const auto [before, error] = until_error(second);
  check_negative(before, 7);
  REQUIRE(error);
  CHECK(message_of<std::runtime_error>([&] { std::rethrow_exception(error); }) == "seven");
  CHECK_FALSE(next(second).get());
}

TEST_CASE("a borrowed stream goes on when the one that borrowed it has ended") {
  const auto running = contract::topology.start();
  auto first = map_numbers(any_pool(contract::asio_pools::two), 20, negative, {.window = 4});
  {
    auto second = pinfold::compute_map(contract::native_pools::two, first, negative, {.window = 1});
    CHECK(next(second).get() == 0);
    CHECK(next(second).get() == 1);
    drain(second);
  }
  const auto others = rest(first);
  const bool had_read_one_more = others.front() == -3;  // into the room that the second result has left
  CHECK((others.front() == -2 || had_read_one_more));
  CHECK(others.size() == (had_read_one_more ? 17 : 18));
  CHECK(others.back() == -19);
}
