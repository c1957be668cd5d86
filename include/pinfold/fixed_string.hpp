// A string that can be a template argument: md::topology.asio<"net">().
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace pinfold {

/// `Size` counts the terminator, as the literal does.
template <std::size_t Size>
struct fixed_string {
  char characters[Size]{};  ///< with the terminator; public, as template arguments demand

  /// Implicit, so that a literal is an argument.
  consteval fixed_string(const char (&literal)[Size]) { std::copy_n(literal, Size, characters); }

  /// Without the terminator.
  [[nodiscard]] constexpr std::string_view view() const { return {characters, Size - 1}; }
};

}  // namespace pinfold
