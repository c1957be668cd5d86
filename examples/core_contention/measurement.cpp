#include "measurement.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace demo {
namespace {

// The least value that at least `share` of the sorted values do not exceed.
double percentile_us(std::span<const std::chrono::nanoseconds> sorted, double share) {
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return std::chrono::duration<double, std::micro>(sorted[std::min(rank, sorted.size() - 1)]).count();
}

}  // namespace

void summarise(std::vector<std::chrono::nanoseconds> latencies, std::chrono::duration<double> window,
               measurement& result) {
  if (latencies.empty()) throw std::runtime_error("nothing was served in the measured time; measure for longer");
  std::sort(latencies.begin(), latencies.end());
  result.served_per_second = static_cast<double>(latencies.size()) / window.count();
  result.p50_us = percentile_us(latencies, 0.5);
  result.p99_us = percentile_us(latencies, 0.99);
  result.p999_us = percentile_us(latencies, 0.999);
}

measurement medians(std::span<const measurement> rounds) {
  measurement result;
  for (const metric& metric : metrics) {
    std::vector<double> values;
    for (const measurement& round : rounds) values.push_back(round.*metric.value);
    result.*metric.value = median(std::move(values));
  }
  return result;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

}  // namespace demo
