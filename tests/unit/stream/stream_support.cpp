#include "stream/stream_support.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <numeric>
#include <ranges>
#include <utility>

namespace asio = boost::asio;

namespace pinfold_test {

int_stream map_numbers(const any_pool& pool, int count, int_function f, pinfold::map_options options) {
  return pinfold::compute_map(pool, std::views::iota(0, count), std::move(f), options);
}

std::vector<int> numbers(int count) {
  std::vector<int> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::future<std::optional<int>> next(int_stream& stream) { return stream.async_next(asio::use_future); }

std::vector<int> rest(int_stream& stream) {
  std::vector<int> all;
  while (const auto each = next(stream).get()) all.push_back(*each);
  return all;
}

ending until_error(int_stream& stream) {
  ending result;
  try {
    while (const auto each = next(stream).get()) result.before.push_back(*each);
  } catch (...) {
    result.error = std::current_exception();
  }
  return result;
}

void drain(int_stream& stream) { stream.async_drain(asio::use_future).get(); }

std::vector<int> rest_on(const asio::any_io_executor& home, int_stream& stream) {
  const auto consumer = [&stream]() -> asio::awaitable<std::vector<int>> {
    std::vector<int> all;
    while (const auto each = co_await stream.async_next()) all.push_back(*each);
    co_return all;
  };
  return asio::co_spawn(home, consumer(), asio::use_future).get();
}

boost::system::error_code code_of(const std::exception_ptr& error) {
  if (!error) return {};
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& known) {
    return known.code();
  } catch (...) {
    return asio::error::fault;
  }
}

}  // namespace pinfold_test
