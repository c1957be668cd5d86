// What an exception says.
#pragma once

#include <string>
#include <string_view>

namespace pinfold_test {

/// The message of the `Error` that `f` throws; "nothing was thrown" if it returns. Other exceptions pass.
template <class Error, class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace pinfold_test
