// Words and numbers of a command line.
#pragma once

#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace demo {

/// What is wrong with the command line, in one line.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// "--name=value" counts as "--name" "value".
std::vector<std::string_view> split(int argc, const char* const* argv);

/// `expected` says what would do. Throws usage_error.
template <class Number>
Number parse_number(std::string_view option, std::string_view text, Number low, Number high, const char* expected) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // Written so that "nan" is outside.
  const bool in_range = value >= low && value <= high;
  if (error != std::errc() || end != text.data() + text.size() || !in_range) {
    throw usage_error(std::string(option) + " takes " + expected + "; got '" + std::string(text) + "'");
  }
  return value;
}

}  // namespace demo
