// A thread layout that the workloads can run under.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <core_contention/load.hpp>
#include <core_contention/measurement.hpp>
#include <pinfold/start_options.hpp>

namespace demo {

using run_function = measurement (*)(const pinfold::start_options& start, const request_load& load);

struct layout {
  std::size_t cores;
  std::string_view name;
  run_function requests;  ///< two HTTP servers beside a computation
  run_function ticks;     ///< a tick beside vector arithmetic; ignores the number of connections
};

/// All that were built, ascending by cores.
std::span<const layout> all_layouts();

}  // namespace demo
