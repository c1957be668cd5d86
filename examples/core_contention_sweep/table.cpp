#include "table.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <string>
#include <vector>

#include <core_contention/figures.hpp>

namespace demo {
namespace {

using row = std::vector<std::string>;

std::string heading(const metric& metric) {
  const std::string name(metric.name);
  return metric.unit == "1/s" ? name + "/s" : name + " " + std::string(metric.unit);
}

std::string cell(const spread& spread) {
  if (spread.low == spread.high) return with_thousands(spread.median);
  return with_thousands(spread.median) + " (" + with_thousands(spread.low) + "-" + with_thousands(spread.high) + ")";
}

}  // namespace

void print_table(std::ostream& out, std::span<const result* const> results) {
  std::vector<row> rows(1, {"cores", "layout"});
  for (const metric& metric : results.front()->workload->metrics) rows[0].push_back(heading(metric));
  for (const result* each : results) {
    row& row = rows.emplace_back();
    row = {std::to_string(each->layout->cores), std::string(each->layout->name)};
    for (const metric_index index : {served, p50, p99, p999, computed}) row.push_back(cell(each->of(index)));
  }

  std::vector<std::size_t> widths(rows[0].size());
  for (const row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  constexpr std::size_t layout_column = 1;
  for (const row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out << (i == 0 ? "" : "  ") << (i == layout_column ? std::left : std::right)
          << std::setw(static_cast<int>(widths[i])) << row[i];
    }
    out << '\n';
  }
}

}  // namespace demo
