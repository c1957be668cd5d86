// What a stream allocates once it has been made and warmed up.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/basic_concurrent_channel.hpp>
#include <boost/asio/experimental/channel_traits.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstddef>
#include <future>
#include <ranges>

#include <pinfold/compute_map.hpp>

#include "allocation/counting_allocator.hpp"
#include "allocation/steady_state.hpp"
#include "catch.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

namespace {

constexpr int many = 1'000'000;

int half(int x) { return x / 2; }

// A consumer at `home` takes results for a while.
std::size_t allocations_of(pinfold::mapped_stream<int> stream) {
  const auto counted = [&]() -> asio::awaitable<std::size_t> {
    for (std::size_t i = 0; i < warm_up * calls; ++i) co_await stream.async_next(asio::use_awaitable);
    const std::size_t before = allocations_so_far();
    for (std::size_t i = 0; i < rounds * calls / 10; ++i) co_await stream.async_next(asio::use_awaitable);
    const std::size_t allocated = allocations_so_far() - before;
    co_await stream.async_drain(asio::use_awaitable);
    co_return allocated;
  };
  return asio::co_spawn(contract::asio_pools::one.get_executor(), counted(), asio::use_future).get();
}

using channel = asio::experimental::basic_concurrent_channel<pinfold::executor, asio::experimental::channel_traits<>,
                                                             void(boost::system::error_code, int)>;

}  // namespace

TEMPLATE_TEST_CASE("after warm-up a mapped range allocates nothing", "", asio_two, native_two) {
  const auto running = contract::topology.start();
  contract::topology.for_each([](auto& pool) { pool.broadcast([] {}); });
  auto& pool = TestType::pool();
  CHECK(allocations_of(pinfold::compute_map(pool, std::views::iota(0, many), half, {.window = 8})) == 0);
  CHECK(allocations_of(pinfold::compute_map(pool, std::views::iota(0, many), half, {.window = 8, .ordered = false})) ==
        0);
}

TEST_CASE("after warm-up chained streams allocate nothing") {
  const auto running = contract::topology.start();
  contract::topology.for_each([](auto& pool) { pool.broadcast([] {}); });
  auto first = pinfold::compute_map(contract::asio_pools::two, std::views::iota(0, many), half, {.window = 8});
  CHECK(allocations_of(pinfold::compute_map(contract::native_pools::two, std::move(first), half)) == 0);
}

TEST_CASE("after warm-up a mapped channel allocates nothing") {
  const auto running = contract::topology.start();
  contract::topology.for_each([](auto& pool) { pool.broadcast([] {}); });
  channel items(contract::asio_pools::one.get_executor());
  const auto send = [&]() -> asio::awaitable<void> {
    for (int i = 0;; ++i) co_await items.async_send(boost::system::error_code(), i, asio::use_awaitable);
  };
  auto sender = asio::co_spawn(contract::asio_pools::one.get_executor(), send(), asio::use_future);
  CHECK(allocations_of(pinfold::compute_map(contract::native_pools::two, items, half, {.window = 8})) == 0);
  while (sender.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) items.cancel();
  CHECK_THROWS(sender.get());
}
