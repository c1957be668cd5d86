// Maps a stream through a pool, with back-pressure.
#pragma once

#include <concepts>
#include <cstddef>
#include <ranges>
#include <type_traits>
#include <utility>

#include <pinfold/async_stream.hpp>
#include <pinfold/detail/asynchronous_source.hpp>
#include <pinfold/detail/map_state.hpp>
#include <pinfold/detail/mapped_source.hpp>
#include <pinfold/detail/range_source.hpp>
#include <pinfold/executor.hpp>
#include <pinfold/mapped_stream.hpp>

namespace pinfold {

/// How far compute_map() reads ahead, and in which order results come.
struct map_options {
  std::size_t window = 0;  ///< so many items are read and not yet delivered; 0: twice the number of the pool's threads
  bool ordered = true;     ///< results come in the source's order; false: as soon as they are there
};

namespace detail {

template <class Stream>
inline constexpr bool is_mapped_stream = false;
template <class R>
inline constexpr bool is_mapped_stream<mapped_stream<R>> = true;

/// In place of what is no source.
struct no_source {
  using value_type = int;
};

/// `Source` as a forwarding reference deduces it.
template <class Source>
consteval auto choose_source() {
  using object = std::remove_reference_t<Source>;
  if constexpr (is_mapped_stream<object>) {
    return std::type_identity<mapped_source<Source>>();
  } else if constexpr (asynchronous_object<object>) {
    return std::type_identity<asynchronous_source<Source>>();
  } else if constexpr (std::ranges::input_range<Source> && std::ranges::viewable_range<Source>) {
    return std::type_identity<range_source<Source>>();
  } else {
    return std::type_identity<no_source>();
  }
}
template <class Source>
using source_of = typename decltype(choose_source<Source>())::type;

template <class T>
concept has_workers = requires(T& pool) {
  { pool.get_executor() } -> std::same_as<executor>;
  { pool.get_executor().pool() } -> std::same_as<pool_core&>;
};

}  // namespace detail

/// Runs `f(item)` in the pool for each item of `source` and returns the stream of the results.
///
///     auto digests = pinfold::compute_map(md::tbb_pools::risk, packets, digest, {.window = 64});
///     while (auto digest = co_await digests.async_next()) publish(*digest);
///
/// Sources; an lvalue is borrowed, anything else is moved in:
/// - a range of items. It is read inside async_next(), by the thread that calls it (or where this is the source of
///   another stream, by whoever makes room there). `f` gets the range's own references where they stay valid while it
///   is read on (forward ranges), else values; elements of a container that was moved in are moved;
/// - an Asio channel of void(error_code, T): ends when it is closed or cancelled, or an eof is sent through it. (Boost
///   1.81 drops what a channel that is closed still holds: send an eof);
/// - an asio::experimental::coro<T>, which must run on one thread or in a strand;
/// - a mapped_stream, also of a pool of another kind, or any other async_stream.
/// Channels, generators and such streams are used on their own executor only.
///
/// At most `window` items are read and not yet delivered, so a consumer that is slow holds the source: a full channel
/// its sender. One item is read at a time; nothing is read before the first async_next(). `f` is copied once, and is
/// called concurrently for up to min(window, threads) items. It returns a value, or nothing (std::monostate then);
/// values need only be movable.
///
/// Each item is work of the pool: counted, waited for by wait_idle() and stop(). What the pool does not take, as its
/// topology stops, ends the stream with pool_stopped. An exception of `f`, of the source or its error_code ends it,
/// too: results from before are delivered, then the exception, once, when nothing runs any more, then nothing. Items
/// behind it that have begun are waited for, others dropped; nothing more is read.
///
/// Borrowing: once async_next() has completed with nothing, or with an exception other than that of its own
/// cancellation, or async_drain() has completed, nothing of the stream touches the source, the items or what `f` refers
/// to. Who leaves earlier awaits async_drain() before what they lent may go; for_each_mapped() does all of it.
///
/// Any thread; does not block. Allocates the state with its `window` slots, and nothing after that for an item, except
/// what an operation on the source allocates. Throws std::bad_alloc, or what moving `f` and the source throws.
template <detail::has_workers Pool, class Source, class F>
auto compute_map(Pool& pool, Source&& source, F&& f, map_options options = {}) {
  using from = detail::source_of<Source>;
  using function = std::decay_t<F>;
  using item = typename from::value_type;
  static_assert(!std::is_same_v<from, detail::no_source>,
                "compute_map: this is no source: it takes a range, an Asio channel of void(error_code, T), an "
                "asio::experimental::coro<T>, or a stream with async_next()");
  static_assert(std::is_same_v<from, detail::no_source> || std::invocable<function&, item>,
                "compute_map: the function cannot be called with the source's items");
  if constexpr (!std::is_same_v<from, detail::no_source> && std::invocable<function&, item>) {
    using result = detail::mapped_result<function, item>;
    static_assert(!std::is_reference_v<result>,
                  "compute_map: the function returns a reference: results are kept until they are delivered, return a "
                  "value");
    if constexpr (!std::is_reference_v<result>) {
      detail::pool_core& core = pool.get_executor().pool();
      const std::size_t window = options.window != 0 ? options.window : 2 * core.spec().threads;
      return mapped_stream<result>(*new detail::map_state<from, function>(
          core, window, options.ordered, std::forward<Source>(source), std::forward<F>(f)));
    }
  }
}

}  // namespace pinfold
