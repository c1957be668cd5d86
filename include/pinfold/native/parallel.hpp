// Loops that several workers take part in, each as long as it is free.
#pragma once

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <pinfold/cancellation.hpp>
#include <pinfold/native/fork.hpp>

namespace pinfold {

/// How a loop is cut into pieces.
struct loop_options {
  std::size_t grain = 0;       ///< iterations that are never divided; 0: one, or for `deterministic` 1/1024 of all
  std::size_t stride = 1;      ///< from one index to the next; at least 1
  cancellation_token token{};  ///< once cancelled, iterations that have not begun are left out
  bool deterministic = false;  ///< parallel_reduce: combines in an order that depends on range and grain alone
};

/// Integers, or iterators with random access.
template <class T>
concept loop_index = (std::integral<T> && !std::same_as<T, bool>) || std::random_access_iterator<T>;

/// The two ends of a loop: of one type, or integers, which count in their common type.
template <class First, class Last>
concept loop_ends = loop_index<First> && loop_index<Last> &&
                    (std::same_as<First, Last> || (std::integral<First> && std::integral<Last>));

namespace detail {

/// first, first + stride, ... below last, numbered from 0.
template <loop_index Index>
class loop_range {
 public:
  loop_range(Index first, Index last, std::size_t stride) : first_(first), last_(last), stride_(stride) {
    if (first < last) count_ = (distance(first, last) - 1) / stride + 1;
  }

  [[nodiscard]] std::size_t count() const noexcept { return count_; }

  /// Of k = count(): last.
  [[nodiscard]] Index at(std::size_t k) const {
    if (k == count_) return last_;
    if constexpr (std::integral<Index>) {
      using number = std::make_unsigned_t<Index>;  // in which no range overflows
      return static_cast<Index>(static_cast<number>(first_) + static_cast<number>(k * stride_));
    } else {
      return first_ + static_cast<std::iter_difference_t<Index>>(k * stride_);
    }
  }

 private:
  static std::size_t distance(Index first, Index last) {
    if constexpr (std::integral<Index>) {
      using number = std::make_unsigned_t<Index>;
      return static_cast<number>(static_cast<number>(last) - static_cast<number>(first));
    } else {
      return static_cast<std::size_t>(last - first);
    }
  }

  Index first_;
  Index last_;
  std::size_t stride_;
  std::size_t count_ = 0;
};

/// Lazy splitting (Tzannes et al., "Lazy binary-splitting", PPoPP 2010): a loop runs on its worker in chunks and looks
/// between them whether a thief asks; only then half of what is left is forked, and that only if the worker has nothing
/// older to give away. Chunks grow from one grain to a fraction of what is left, so that a thief never waits for long
/// and a loop of tiny bodies is not slowed down.
///
/// `chunk(from, to, T so_far) -> T` runs iterations; `combine(T, T) -> T` joins neighbours, in their order.
template <class T, class Chunk, class Combine>
class lazy_loop {
 public:
  lazy_loop(const loop_options& options, const T& identity, Chunk& chunk, Combine& combine) noexcept
      : grain_(std::max<std::size_t>(options.grain, 1)),
        token_(options.token),
        identity_(identity),
        chunk_(chunk),
        combine_(combine) {}

  T run(std::size_t from, std::size_t to, T so_far) {
    std::size_t step = grain_;
    while (from < to && !is_stopped()) {
      native_worker& worker = *this_worker;
      if (worker.is_asked()) [[unlikely]] {
        step = grain_;
        if (!worker.offer() && to - from > grain_) return split(from, to, std::move(so_far));
      }
      const std::size_t end = from + std::min(step, to - from);
      so_far = run_chunk(from, end, std::move(so_far));
      from = end;
      step = std::min(step + std::min(step, ~step), std::max(grain_, (to - from) / least_chunks));  // doubled
    }
    return so_far;
  }

  /// A tree that depends on the range and the grain alone.
  T run_fixed(std::size_t from, std::size_t to) {
    if (is_stopped()) return identity_;
    if (to - from <= grain_) return run_chunk(from, to, identity_);
    const std::size_t grains = ((to - from - 1) / grain_) + 1;
    const std::size_t middle = from + ((grains / 2) * grain_);
    auto right = fork([this, middle, to] { return run_fixed(middle, to); });
    T left = run_fixed(from, middle);
    return std::invoke(combine_, std::move(left), right.join());
  }

 private:
  // What is left is run in at least this many chunks.
  static constexpr std::size_t least_chunks = 32;

  T split(std::size_t from, std::size_t to, T so_far) {
    const std::size_t middle = from + ((to - from) / 2);
    auto right = fork([this, middle, to] { return run(middle, to, identity_); });
    T left = run(from, middle, std::move(so_far));
    return std::invoke(combine_, std::move(left), right.join());
  }

  T run_chunk(std::size_t from, std::size_t to, T so_far) {
    try {
      return std::invoke(chunk_, from, to, std::move(so_far));
    } catch (...) {
      failed_.store(true, std::memory_order_relaxed);
      throw;
    }
  }

  [[nodiscard]] bool is_stopped() const noexcept {
    return failed_.load(std::memory_order_relaxed) || token_.is_cancelled();
  }

  const std::size_t grain_;
  const cancellation_token token_;
  const T& identity_;
  std::atomic<bool> failed_{false};
  Chunk& chunk_;
  Combine& combine_;
};

/// Throws std::out_of_range for an end that the common type cannot say.
template <class First, class Last>
auto range_of(First first, Last last, const loop_options& options) {
  using index = std::common_type_t<First, Last>;
  if constexpr (std::integral<index>) {
    if (std::is_unsigned_v<index> && (first < First{} || last < Last{})) {
      throw std::out_of_range("pinfold: one end of a loop is negative and the other of an unsigned type");
    }
  }
  return loop_range<index>(static_cast<index>(first), static_cast<index>(last),
                           std::max<std::size_t>(options.stride, 1));
}

template <class T>
concept reducible = std::copy_constructible<T> && std::movable<T>;

struct nothing {};

template <class Body, class Index>
concept chunk_body = std::invocable<Body&, Index, Index>;

template <class Map, class Index, class T>
concept chunk_map = std::invocable<Map&, Index, Index, T>;

}  // namespace detail

/// Calls `body(i)` for i = first, first + stride, ... below last, or `body(begin, end)` for parts of the range (which
/// the body steps through), in any order and concurrently. A loop that nobody asks for work runs on the caller alone,
/// in order. If a body throws, iterations that have not begun are left out, and one of the exceptions is rethrown.
/// Blocks until all are done, running other work of the pool; does not allocate. On a worker of a native pool; throws
/// outside_pool elsewhere, and std::out_of_range where one end is negative and the other of an unsigned type.
template <loop_index First, loop_index Last, class Body, class Index = std::common_type_t<First, Last>>
  requires loop_ends<First, Last> && (std::invocable<Body&, Index> || detail::chunk_body<Body, Index>)
void parallel_for(First first, Last last, const loop_options& options, Body&& body) {
  detail::require_worker("parallel_for");
  const auto range = detail::range_of(first, last, options);
  const auto chunk = [&](std::size_t from, std::size_t to, detail::nothing) {
    if constexpr (detail::chunk_body<Body, Index>) {
      std::invoke(body, range.at(from), range.at(to));
    } else {
      for (std::size_t k = from; k != to; ++k) std::invoke(body, range.at(k));
    }
    return detail::nothing{};
  };
  const auto combine = [](detail::nothing, detail::nothing) { return detail::nothing{}; };
  const detail::nothing none;
  detail::lazy_loop<detail::nothing, decltype(chunk), decltype(combine)> loop(options, none, chunk, combine);
  loop.run(0, range.count(), none);
}

/// The same, cut as the defaults of loop_options say.
template <loop_index First, loop_index Last, class Body, class Index = std::common_type_t<First, Last>>
  requires loop_ends<First, Last> && (std::invocable<Body&, Index> || detail::chunk_body<Body, Index>)
void parallel_for(First first, Last last, Body&& body) {
  parallel_for(first, last, loop_options{}, std::forward<Body>(body));
}

/// Combines `map(i)` of all indices, or what `map(begin, end, T so_far)` makes of parts of the range, with
/// `combine(T, T)`, in the order of the indices; `identity` is where each part begins. combine must be associative.
/// Which parts there are depends on who was free, unless `deterministic` is set: then the result is the same, to the
/// last bit, for any number of workers, at the price of a fork for each grain. Cancelled, it returns what was combined
/// so far. Each division keeps one T on the stack. Otherwise as parallel_for.
template <loop_index First, loop_index Last, detail::reducible T, class Map, class Combine,
          class Index = std::common_type_t<First, Last>>
  requires loop_ends<First, Last> && (std::is_invocable_r_v<T, Map&, Index> || detail::chunk_map<Map, Index, T>) &&
           std::is_invocable_r_v<T, Combine&, T, T>
T parallel_reduce(First first, Last last, const loop_options& options, T identity, Map&& map, Combine&& combine) {
  detail::require_worker("parallel_reduce");
  const auto range = detail::range_of(first, last, options);
  const auto chunk = [&](std::size_t from, std::size_t to, T so_far) -> T {
    if constexpr (detail::chunk_map<Map, Index, T>) {
      return std::invoke(map, range.at(from), range.at(to), std::move(so_far));
    } else {
      for (std::size_t k = from; k != to; ++k) {
        so_far = std::invoke(combine, std::move(so_far), static_cast<T>(std::invoke(map, range.at(k))));
      }
      return so_far;
    }
  };
  loop_options chosen = options;
  if (options.deterministic && options.grain == 0) chosen.grain = (range.count() / 1024) + 1;
  detail::lazy_loop<T, decltype(chunk), std::remove_reference_t<Combine>> loop(chosen, identity, chunk, combine);
  return options.deterministic ? loop.run_fixed(0, range.count()) : loop.run(0, range.count(), identity);
}

/// The same, cut as the defaults of loop_options say.
template <loop_index First, loop_index Last, detail::reducible T, class Map, class Combine,
          class Index = std::common_type_t<First, Last>>
  requires loop_ends<First, Last> && (std::is_invocable_r_v<T, Map&, Index> || detail::chunk_map<Map, Index, T>) &&
           std::is_invocable_r_v<T, Combine&, T, T>
T parallel_reduce(First first, Last last, T identity, Map&& map, Combine&& combine) {
  return parallel_reduce(first, last, loop_options{}, std::move(identity), std::forward<Map>(map),
                         std::forward<Combine>(combine));
}

}  // namespace pinfold
