// The command line.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace demo {

struct options {
  std::size_t connections = 64;
  std::chrono::duration<double> seconds{2};  ///< measured, in each round of each layout
  std::size_t rounds = 5;
  std::optional<std::string> json;
  bool help = false;
};

/// What is wrong with the command line, in one line.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws usage_error.
options parse_options(int argc, const char* const* argv);

extern const std::string_view help_text;

}  // namespace demo
