#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <iomanip>
#include <ostream>

namespace demo {
namespace {

// 39512.3 -> "39,512"
std::string with_thousands(double value) {
  if (std::isnan(value)) return "n/a";
  std::string digits = std::to_string(std::llround(value));
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string heading(const metric& metric) {
  const std::string name(metric.name);
  return metric.unit == "1/s" ? name + "/s" : name + " " + std::string(metric.unit);
}

std::string with_decimals(int decimals, double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

// Below this a difference is not worth a word.
constexpr double same_within = 0.03;

std::string factor(double from, double to) {
  if (std::abs(to / from - 1) < same_within) return "no different";
  return to < from ? with_decimals(1, from / to) + "x lower" : with_decimals(1, to / from) + "x higher";
}

std::string share(double from, double to, const std::string& things) {
  const double change = to / from - 1;
  if (std::abs(change) < same_within) return "as many " + things;
  return with_decimals(0, std::abs(change) * 100) + "% " + (change > 0 ? "more " : "fewer ") + things;
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
         share(contending.requests_per_second, dedicated.requests_per_second, "requests") +
         ", while the computation got " + share(contending.items_per_second, dedicated.items_per_second, "items") +
         " done.";
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
