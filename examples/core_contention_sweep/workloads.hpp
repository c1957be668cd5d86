// What the layouts are compared by.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "layout.hpp"

namespace demo {

struct workload {
  std::string_view name;    ///< "requests": what is served
  std::string description;  ///< a line
  run_function layout::* run;
  std::array<metric, 5> metrics;  ///< served, p50, p99, p99.9, computed; what is a time is better lower, a rate higher
};

std::span<const workload> all_workloads();

/// In the order of workload::metrics.
enum metric_index : std::size_t { served, p50, p99, p999, computed };

}  // namespace demo
