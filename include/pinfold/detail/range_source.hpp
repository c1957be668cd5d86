// A range as the source of a stream.
#pragma once

#include <exception>
#include <iterator>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>

#include <pinfold/detail/stream_reader.hpp>

namespace pinfold::detail {

template <class View>
inline constexpr bool owns_its_elements = false;
template <class Range>
inline constexpr bool owns_its_elements<std::ranges::owning_view<Range>> = true;

/// References where they stay valid while the range is read on; else values, which are moved out of a range that the
/// stream owns.
template <class View>
using range_item =
    std::conditional_t<std::ranges::forward_range<View> &&
                           std::is_lvalue_reference_v<std::ranges::range_reference_t<View>> && !owns_its_elements<View>,
                       std::ranges::range_reference_t<View>, std::ranges::range_value_t<View>>;

/// `Range` as a forwarding reference deduces it: an lvalue is borrowed, anything else moved in. Read on the thread that
/// asks, and no further than asked: the iterator moves on when the next item is wanted.
template <class Range>
class range_source {
  using view = std::views::all_t<Range>;

 public:
  using value_type = range_item<view>;
  static constexpr bool works = false;

  explicit range_source(Range&& range) : items_(std::views::all(std::forward<Range>(range))) {}

  bool read(stream_reader<value_type>& to) noexcept {
    try {
      if (at_) {
        ++*at_;
      } else {
        at_.emplace(std::ranges::begin(items_));
      }
      if (*at_ == std::ranges::end(items_)) {
        to.end();
      } else if constexpr (owns_its_elements<view>) {
        to.put(value_type(std::ranges::iter_move(*at_)));
      } else {
        to.put(static_cast<value_type>(**at_));
      }
    } catch (...) {
      to.end(std::current_exception());
    }
    return true;
  }

  void let_go() noexcept {}

 private:
  view items_;
  std::optional<std::ranges::iterator_t<view>> at_;
};

}  // namespace pinfold::detail
