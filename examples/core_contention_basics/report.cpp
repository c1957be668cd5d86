#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <core_contention/figures.hpp>
#include <cstddef>
#include <iomanip>
#include <ostream>

namespace demo {
namespace {

std::string heading(const metric& metric) {
  const std::string name(metric.name);
  return metric.unit == "1/s" ? name + "/s" : name + " " + std::string(metric.unit);
}

}  // namespace

void print_table(std::ostream& out, std::span<const layout_result> layouts) {
  constexpr int gap = 2;
  std::size_t first = 0;
  for (const layout_result& each : layouts) first = std::max(first, each.layout.size());
  const auto row = [&](std::string_view layout, auto cell) {
    out << std::left << std::setw(static_cast<int>(first)) << layout << std::right;
    for (const metric& metric : metrics) {
      const std::size_t width = std::max<std::size_t>(heading(metric).size(), 7);
      out << std::setw(gap + static_cast<int>(width)) << cell(metric);
    }
    out << '\n';
  };
  row("layout", heading);
  for (const layout_result& each : layouts) {
    row(each.layout, [&](const metric& metric) { return with_thousands(each.values.*metric.value); });
  }
}

std::string compare(const measurement& contending, const measurement& dedicated) {
  return "With cores of their own the servers' p99 was " + factor(contending.p99_us, dedicated.p99_us) + " (" +
         with_thousands(contending.p99_us) + " us contending, " + with_thousands(dedicated.p99_us) +
         " us dedicated) and they answered " +
         share(contending.served_per_second, dedicated.served_per_second, "requests") + ", while the computation got " +
         share(contending.items_per_second, dedicated.items_per_second, "items") + " done.";
}

void write_json(std::ostream& out, std::span<const layout_result> layouts) {
  const char* separator = "[\n";
  for (const layout_result& each : layouts) {
    for (const metric& metric : metrics) {
      const double value = each.values.*metric.value;
      out << separator << R"(  {"layout": ")" << each.layout << R"(", "metric": ")" << metric.name << R"(", "unit": ")"
          << metric.unit << R"(", "value": )" << (std::isnan(value) ? "null" : with_decimals(3, value)) << '}';
      separator = ",\n";
    }
  }
  out << "\n]\n";
}

}  // namespace demo
