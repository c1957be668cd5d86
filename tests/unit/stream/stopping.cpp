// Streams and the topology: idleness, stop, and executors that go away.
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "catch.hpp"
#include "stream/stream_support.hpp"
#include "support/escapes.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

namespace {

void check_refused(const std::exception_ptr& error) {
  REQUIRE(error);
  CHECK(contains(message_of<pinfold::pool_stopped>([&] { std::rethrow_exception(error); }), "accepts no work"));
}

// A consumer on an io_context of its own: its next step is no work of the topology.
struct outside_consumer {
  int_stream stream;
  asio::io_context own{};
  int delivered = 0;
  std::exception_ptr error{};
  int ends = 0;

  void step() {
    stream.async_next(asio::bind_executor(own, [this](std::exception_ptr failure, std::optional<int> item) {
      if (item) {
        CHECK(*item == delivered);
        ++delivered;
      } else if (failure) {
        CHECK_FALSE(error);
        error = std::move(failure);
      } else if (++ends == 3) {
        return;
      }
      step();
    }));
  }
};

}  // namespace

TEMPLATE_TEST_CASE("items in flight are work of the pool", "", STREAM_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  auto stream = map_numbers(any_pool(pool), 5, [&](int x) {
    gate.wait();
    return x;
  });
  pool.wait_idle();
  CHECK(running.is_idle());
  auto first = next(stream);
  CHECK_FALSE(pool.is_idle());
  CHECK_FALSE(running.is_idle());
  gate.open();
  pool.wait_idle();
  CHECK(first.get() == 0);
  rest(stream);
  running.wait_idle();
  CHECK(running.is_idle());
}

TEMPLATE_TEST_CASE("a stop ends a stream that is consumed outside with pool_stopped, once", "", STREAM_POOLS) {
  for (int round = 0; round < 5; ++round) {
    auto running = contract::topology.start();
    std::atomic<int> calls = 0;
    const auto count = [&](int x) {
      ++calls;
      return x;
    };
    outside_consumer consumer{.stream = map_numbers(any_pool(TestType::pool()), 100'000'000, count)};
    consumer.step();
    std::thread stopper([&] {
      eventually([&] { return calls > 100 * round; });
      running.stop();
    });
    consumer.own.run();
    stopper.join();
    check_refused(consumer.error);
    CHECK(consumer.ends == 3);
  }
}

TEST_CASE("a stop waits for a stream that accepted work consumes, to its end") {
  auto running = contract::topology.start();
  auto stream = map_numbers(any_pool(contract::native_pools::two), 5'000, [](int x) { return x; });
  std::atomic<long> sum = 0;
  const auto consume = [&]() -> asio::awaitable<void> {
    while (const auto each = co_await stream.async_next()) sum += *each;
  };
  asio::co_spawn(contract::asio_pools::one.get_executor(), consume(), asio::detached);
  running.stop();
  CHECK(sum == 5'000L * 4'999 / 2);
}

TEST_CASE("a pool that does not run ends a stream with pool_stopped") {
  for (const bool ordered : {true, false}) {
    asio::io_context own;
    auto stream = map_numbers(any_pool(contract::native_pools::two), 10, [](int x) { return x; }, {.ordered = ordered});
    std::exception_ptr error;
    stream.async_next(
        asio::bind_executor(own, [&](std::exception_ptr failure, std::optional<int>) { error = std::move(failure); }));
    CHECK_FALSE(error);
    own.run();
    check_refused(error);
    own.restart();
    bool ended = false;
    stream.async_next(asio::bind_executor(
        own, [&](const std::exception_ptr& failure, std::optional<int> item) { ended = !failure && !item; }));
    own.run();
    CHECK(ended);
  }
}

TEST_CASE("a refusal that leaves a stream's handler is reported while the stream's own topology runs") {
  escapes seen;
  const auto running = contract::topology.start(seen.options());
  auto stream = map_numbers(any_pool(contract::native_pools::two), 1, [](int x) { return x; });
  stream.async_next(
      [](const std::exception_ptr&, std::optional<int>) { throw pinfold::pool_stopped("of another topology"); });
  running.wait_idle();
  REQUIRE(seen.all().size() == 1);
  CHECK(seen.all().front().message == "of another topology");
}

TEST_CASE("a stream outlives its topology") {
  std::unique_ptr<int_stream> stream;
  {
    const auto running = contract::topology.start();
    stream =
        std::make_unique<int_stream>(map_numbers(any_pool(contract::native_pools::two), 10, [](int x) { return x; }));
    CHECK(next(*stream).get() == 0);
  }
  stream->cancel();
  stream.reset();
}

TEST_CASE("a coroutine that waits for a stream that waits for I/O is abandoned with it") {
  const auto kept = std::make_shared<int>(0);
  {
    auto running = contract::topology.start();
    const auto home = contract::asio_pools::one.get_executor();
    std::atomic<bool> waits = false;
    const auto wait = [&waits, home](std::shared_ptr<int>) -> asio::awaitable<void> {
      asio::experimental::concurrent_channel<void(boost::system::error_code, int)> items(home);
      auto stream = pinfold::compute_map(contract::native_pools::two, items, [](int x) { return x; });
      waits = true;
      co_await stream.async_next();
    };
    asio::co_spawn(home, wait(kept), asio::detached);
    CHECK(eventually([&] { return waits.load(); }));
    running.stop();
  }
  CHECK(kept.use_count() == 1);
}

TEST_CASE("a source whose executor is destroyed ends the stream with operation_aborted") {
  const auto running = contract::topology.start();
  auto own = std::make_unique<asio::io_context>();
  auto items = std::make_unique<asio::experimental::channel<void(boost::system::error_code, int)>>(*own);
  auto stream = pinfold::compute_map(contract::native_pools::two, *items, [](int x) { return x; });
  SECTION("while it reads") {
    auto waiting = next(stream);
    own->poll();
    items.reset();
    own.reset();
    CHECK_THROWS(waiting.get());
  }
  SECTION("before it has begun to") {
    auto waiting = next(stream);
    items.reset();
    own.reset();
    CHECK_THROWS(waiting.get());
  }
  CHECK_FALSE(next(stream).get());
}

TEST_CASE("a stream that somebody outside ends while its topology drains completes on its pool") {
  auto running = contract::topology.start();
  asio::io_context own;
  asio::experimental::channel<void(boost::system::error_code, int)> items(own, 4);
  auto stream = pinfold::compute_map(contract::native_pools::two, items, [](int item) { return item; });
  std::atomic<bool> is_aborted = false;
  stream.async_next([&](std::exception_ptr error, std::optional<int>) { is_aborted = error != nullptr; });
  own.poll();
  running.request_stop();
  stream.cancel();
  own.restart();
  own.poll();
  running.stop();
  CHECK(is_aborted);
}

TEST_CASE("a stream whose source ends when its topology has stopped abandons the handler that waits on the pool") {
  asio::io_context own;
  asio::experimental::channel<void(boost::system::error_code, int)> items(own, 4);
  auto running = contract::topology.start();
  auto stream = pinfold::compute_map(contract::native_pools::two, items, [](int item) { return item; });
  bool is_called = false;
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> alive = held;
  stream.async_next([&is_called, held = std::move(held)](std::exception_ptr, std::optional<int>) { is_called = true; });
  own.poll();
  running.stop();
  items.close();
  own.restart();
  own.poll();
  CHECK_FALSE(is_called);
  CHECK(alive.expired());
}
