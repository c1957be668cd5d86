// The command line.
#pragma once

#include <core_contention/load.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace demo {

struct options {
  request_load load{.seconds = std::chrono::duration<double>(1)};  ///< of each run
  std::size_t rounds = 5;
  std::optional<std::size_t> cores;      ///< only layouts for so many; otherwise those that the machine has cores for
  std::optional<std::string> workload;   ///< only this one
  std::optional<std::string> json, svg;  ///< files
  bool help = false;
};

/// Throws usage_error.
options parse_options(int argc, const char* const* argv);

extern const std::string_view help_text;

}  // namespace demo
