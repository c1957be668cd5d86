// Streams of every shape, used in every way at once: each item runs once or not at all, none is lost, all ends.
#include <array>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "stream/stream_support.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int rounds = 100;
#else
constexpr int rounds = 1'000;
#endif
constexpr int consumers = 4;
constexpr int items = 200;

using channel = asio::experimental::concurrent_channel<void(boost::system::error_code, int)>;

asio::awaitable<void> send(std::shared_ptr<channel> to) {
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  for (int i = 0; i < items; ++i) {
    if (const auto [closed] = co_await to->async_send(boost::system::error_code(), i, token); closed) co_return;
  }
  co_await to->async_send(asio::error::eof, 0, token);
}

struct record {
  std::array<std::atomic<int>, items> runs{};
  std::atomic<int> begun = 0;
  std::atomic<int> ended = 0;
};

class use_of_a_stream {
 public:
  use_of_a_stream(std::uint32_t seed, asio::any_io_executor home) : random_(seed), home_(std::move(home)) {
    contract::topology.for_each([this](auto& pool) { pools_.emplace_back(pool); });
  }

  // What was wrong; 0 if nothing.
  asio::awaitable<int> run() {
    make();
    int delivered = 0;
    std::array<bool, items> seen{};
    const int leaves_at = any(2) == 0 ? items : any(items);
    for (;;) {
      if (delivered == leaves_at && delivered < items) break;
      const auto [error, result] = co_await next();
      if (code_of(error) == asio::error::operation_aborted) continue;
      if (error) {
        if (fails_at_ == items) co_return 1;
        if (ordered_ && delivered != fails_at_) co_return 2;
        over_ = true;
        break;
      }
      if (!result) {
        if (delivered != items || fails_at_ != items) co_return 3;
        over_ = true;
        break;
      }
      if (ordered_ && *result != delivered) co_return 4;
      if (std::exchange(seen[static_cast<std::size_t>(*result)], true)) co_return 5;
      ++delivered;
    }
    if (over_) {
      if (record_->begun != record_->ended) co_return 6;
      if (const auto [error, result] = co_await next(); error || result) co_return 7;
    } else if (any(2) == 0) {
      co_await stream_->async_drain(asio::use_awaitable);
      if (record_->begun != record_->ended) co_return 8;
    }
    stream_.reset();
    if (source_ != nullptr) source_->close();
    for (std::size_t i = 0; i < items; ++i) {
      if (record_->runs[i] > 1 || (seen[i] && record_->runs[i] != 1)) co_return 9;
    }
    co_return 0;
  }

 private:
  int any(int below) { return static_cast<int>(random_() % static_cast<std::uint32_t>(below)); }
  const any_pool& pool() { return pools_[static_cast<std::size_t>(any(static_cast<int>(pools_.size())))]; }
  pinfold::map_options options() { return {.window = 1 + static_cast<std::size_t>(any(8)), .ordered = ordered_}; }

  void make() {
    const auto mark = [record = record_, source = source_, fails_at = fails_at_](int x) {
      ++record->begun;
      ++record->runs[static_cast<std::size_t>(x)];
      for (int spin = 0; spin < x % 7; ++spin) std::this_thread::yield();
      ++record->ended;
      return x == fails_at ? throw std::runtime_error("item") : x;
    };
    if (source_ == nullptr) {
      stream_ = map_numbers(pool(), items, mark, options());
    } else {
      asio::co_spawn(contract::asio_pools::two.get_executor(), send(source_), asio::detached);
      stream_ = pinfold::compute_map(pool(), *source_, mark, options());  // the function keeps the channel
    }
    if (any(3) != 0) return;
    stream_ = pinfold::compute_map(pool(), std::move(*stream_), [](int x) { return x; }, options());
  }

  // Loses patience at times.
  asio::awaitable<std::tuple<std::exception_ptr, std::optional<int>>> next() {
    constexpr auto token = asio::as_tuple(asio::use_awaitable);
    if (any(3) != 0) co_return co_await stream_->async_next(token);
    const auto signal = std::make_shared<asio::cancellation_signal>();
    asio::post(home_, [signal] { signal->emit(asio::cancellation_type::total); });
    co_return co_await stream_->async_next(asio::bind_cancellation_slot(signal->slot(), token));
  }

  std::minstd_rand random_;
  asio::any_io_executor home_;
  std::vector<any_pool> pools_;
  const bool ordered_ = any(2) == 0;
  const int fails_at_ = any(4) == 0 ? any(items) : items;
  std::shared_ptr<record> record_ = std::make_shared<record>();
  std::shared_ptr<channel> source_ = any(2) == 0 ? std::make_shared<channel>(contract::asio_pools::two.get_executor(),
                                                                             static_cast<std::size_t>(any(4)))
                                                 : nullptr;
  std::optional<int_stream> stream_;
  bool over_ = false;
};

asio::awaitable<int> use(std::uint32_t seed, asio::any_io_executor home) {
  use_of_a_stream each(seed, std::move(home));
  co_return co_await each.run();
}

}  // namespace

TEST_CASE("streams of all shapes are used by several consumers at once, cancelled, left and drained") {
  auto running = contract::topology.start();
  std::uint32_t seed = 1;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::future<int>> results;
    for (int i = 0; i < consumers; ++i) {
      const auto pool = i % 2 == 0 ? any_pool(contract::asio_pools::two) : any_pool(contract::native_pools::two);
      const auto home = asio::make_strand(pool.get_executor());
      results.push_back(asio::co_spawn(home, use(seed++, home), asio::use_future));
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      INFO("seed " << seed - consumers + i);
      REQUIRE(results[i].get() == 0);
    }
  }
  running.wait_idle();
  running.stop();
}
