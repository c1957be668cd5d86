// Which of its contenders a source is compiled as.
#pragma once

#include <algorithm>
#include <string_view>

namespace bench {

/// What follows the source's name in the contender's: "observer_poll" of raw_asio_tbb_observer_poll; empty for nothing.
inline constexpr std::string_view variant = BENCH_VARIANT;

/// `variant` is the word, or one of its words.
consteval bool has_variant(std::string_view word) {
  for (std::string_view rest = variant; !rest.empty();) {
    const std::string_view next = rest.substr(0, rest.find('_'));
    if (next == word) return true;
    rest.remove_prefix(std::min(rest.size(), next.size() + 1));
  }
  return false;
}

}  // namespace bench
