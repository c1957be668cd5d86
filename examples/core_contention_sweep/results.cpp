#include "results.hpp"

#include <algorithm>
#include <ostream>

#include <core_contention/figures.hpp>

namespace demo {
namespace {

std::vector<double> values_of(const result& result, metric_index index) {
  std::vector<double> values;
  for (const measurement& round : result.rounds) values.push_back(round.*result.metric_at(index).value);
  return values;
}

}  // namespace

spread result::of(metric_index index) const {
  const std::vector<double> values = values_of(*this, index);
  const auto [low, high] = std::ranges::minmax(values);
  return {.median = median(values), .low = low, .high = high};
}

std::vector<const result*> results_of(std::span<const result> results, const workload& workload) {
  std::vector<const result*> own;
  for (const result& each : results) {
    if (each.workload == &workload) own.push_back(&each);
  }
  return own;
}

void write_json(std::ostream& out, std::span<const result> results) {
  const char* separator = "[\n";
  for (const result& each : results) {
    for (const metric_index index : {served, p50, p99, p999, computed}) {
      const metric& metric = each.metric_at(index);
      const spread spread = each.of(index);
      out << separator << R"(  {"workload": ")" << each.workload->name << R"(", "cores": )" << each.layout->cores
          << R"(, "layout": ")" << each.layout->name << R"(", "metric": ")" << metric.name << R"(", "unit": ")"
          << metric.unit << R"(", "median": )" << with_decimals(3, spread.median) << R"(, "low": )"
          << with_decimals(3, spread.low) << R"(, "high": )" << with_decimals(3, spread.high) << R"(, "rounds": [)";
      const char* comma = "";
      for (const double value : values_of(each, index)) {
        out << comma << with_decimals(3, value);
        comma = ", ";
      }
      out << "]}";
      separator = ",\n";
    }
  }
  out << "\n]\n";
}

}  // namespace demo
