// What is measured of a layout, and medians of it.
#pragma once

#include <array>
#include <chrono>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace demo {

inline constexpr double not_available = std::numeric_limits<double>::quiet_NaN();

/// Of one run, or the medians of several.
struct measurement {
  double served_per_second = 0;  ///< requests, or whatever a workload serves
  double p50_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double items_per_second = 0;
  double involuntary_switches_per_second = 0;
  double migrations_per_second = not_available;
};

struct metric {
  std::string_view name;
  std::string_view unit;
  double measurement::* value;
};

/// Every member of a measurement of the servers, in the order of the table.
inline constexpr std::array<metric, 7> metrics{{
    {"requests", "1/s", &measurement::served_per_second},
    {"p50", "us", &measurement::p50_us},
    {"p99", "us", &measurement::p99_us},
    {"p99.9", "us", &measurement::p999_us},
    {"compute items", "1/s", &measurement::items_per_second},
    {"involuntary switches", "1/s", &measurement::involuntary_switches_per_second},
    {"migrations", "1/s", &measurement::migrations_per_second},
}};

/// Sets the percentiles and, of what was served within `window`, the rate. Throws std::runtime_error without any.
void summarise(std::vector<std::chrono::nanoseconds> latencies, std::chrono::duration<double> window,
               measurement& result);

/// Of each metric on its own. At least one round.
measurement medians(std::span<const measurement> rounds);

/// Of an even number of values the mean of the two in the middle. There must be one.
double median(std::vector<double> values);

}  // namespace demo
