// What the command lines of these examples have in common.
#pragma once

#include <charconv>
#include <core_contention/load.hpp>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace demo {

/// What is wrong with the command line, in one line.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

using value_of_option = std::function<std::string_view()>;  // throws usage_error where there is none

/// Calls `take` with each option, which says whether there is one of that name. "--name=value" counts as "--name"
/// "value". Throws usage_error.
void for_each_option(int argc, const char* const* argv,
                     const std::function<bool(std::string_view option, const value_of_option& value)>& take);

/// --connections, --seconds or --rounds. False: it is another option. Throws usage_error.
bool take_measuring_option(std::string_view option, const value_of_option& value, request_load& load,
                           std::size_t& rounds);

/// The program's exit status: 0, 1 where `run` fails, 2 where the command line is wrong; the reason is printed.
int exit_status(std::string_view program, const std::function<void()>& run);

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
