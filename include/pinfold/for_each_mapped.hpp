// compute_map with a consumer, as one operation that leaves nothing behind.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <concepts>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

#include <pinfold/compute_map.hpp>

namespace pinfold {

namespace detail {

template <class T>
inline constexpr bool sink_is_awaited = false;
template <class T, class Executor>
inline constexpr bool sink_is_awaited<boost::asio::awaitable<T, Executor>> = true;

template <class R, class Sink>
boost::asio::awaitable<void> consume(mapped_stream<R> results, Sink sink) {
  namespace asio = boost::asio;
  std::exception_ptr error;
  try {
    while (auto result = co_await results.async_next(asio::use_awaitable)) {
      if constexpr (sink_is_awaited<std::invoke_result_t<Sink&, R>>) {
        co_await std::invoke(sink, std::move(*result));
      } else {
        std::invoke(sink, std::move(*result));
      }
    }
    co_return;
  } catch (...) {
    error = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await results.async_drain(asio::use_awaitable);
  std::rethrow_exception(error);
}

}  // namespace detail

/// To be awaited by a coroutine: compute_map(pool, source, f, options), and `sink(result)` for each result, one at a
/// time, on the coroutine's executor; a sink that returns an awaitable is awaited. Ends when the stream has, or
/// rethrows its exception, the sink's, or that of a cancellation: always when nothing runs any more, so source, `f` and
/// `sink` may borrow what the coroutine owns. Does not block; allocates the frame of a coroutine; throws as
/// compute_map().
template <detail::has_workers Pool, class Source, class F, class Sink>
auto for_each_mapped(Pool& pool, Source&& source, F&& f, Sink&& sink, map_options options = {}) {
  auto results = compute_map(pool, std::forward<Source>(source), std::forward<F>(f), options);
  using result = typename decltype(results)::value_type;
  static_assert(std::invocable<std::decay_t<Sink>&, result>,
                "for_each_mapped: the sink cannot be called with the function's results");
  return detail::consume<result, std::decay_t<Sink>>(std::move(results), std::forward<Sink>(sink));
}

}  // namespace pinfold
