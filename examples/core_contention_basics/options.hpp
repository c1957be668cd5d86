// The command line.
#pragma once

#include <core_contention/load.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace demo {

struct options {
  request_load load;  ///< of each round of each layout
  std::size_t rounds = 5;
  std::optional<std::string> json;
  bool help = false;
};

/// Throws usage_error.
options parse_options(int argc, const char* const* argv);

extern const std::string_view help_text;

}  // namespace demo
