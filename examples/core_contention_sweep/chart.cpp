#include "chart.hpp"

#include <algorithm>
#include <array>
#include <core_contention/figures.hpp>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "axis.hpp"

namespace demo {
namespace {

constexpr double panel_width = 250;
constexpr double panel_height = 250;
constexpr double plot_left = 52;
constexpr double plot_top = 52;
constexpr double plot_width = panel_width - plot_left - 12;
constexpr double plot_height = panel_height - plot_top - 42;
constexpr double heading_height = 46;
constexpr double workload_heading_height = 24;
constexpr std::array columns{p99, p999, served, computed};
constexpr std::array<std::string_view, 3> layout_names{"shared", "dedicated", "single"};

constexpr std::string_view style = R"(<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .page { fill: #ffffff; } .strong { font-weight: 600; font-size: 13px; } .quiet { fill: #57606a; }
  .grid { stroke: #d8dee4; } .shared { color: #b35900; } .dedicated { color: #0969da; } .single { color: #8250df; }
  .mark { fill: currentColor; } .range { stroke: currentColor; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .page { fill: #0d1117; } .quiet { fill: #9198a1; } .grid { stroke: #30363d; }
    .shared { color: #f0883e; } .dedicated { color: #58a6ff; } .single { color: #bc8cff; }
  }
</style>
)";

std::string number(double value) { return with_decimals(1, value); }

void write_text(std::ostream& out, double x, double y, std::string_view text, std::string_view attributes = "") {
  out << "<text x=\"" << number(x) << "\" y=\"" << number(y) << "\" " << attributes << '>' << text << "</text>\n";
}

// A circle, a square and a triangle: colours alone are not for everybody.
void write_mark(std::ostream& out, double x, double y, std::string_view layout) {
  if (layout == layout_names[0]) {
    out << "<circle class=\"mark\" cx=\"" << number(x) << "\" cy=\"" << number(y) << "\" r=\"5\"/>\n";
  } else if (layout == layout_names[1]) {
    out << "<rect class=\"mark\" x=\"" << number(x - 5) << "\" y=\"" << number(y - 5)
        << "\" width=\"10\" height=\"10\"/>\n";
  } else {
    out << "<path class=\"mark\" d=\"M" << number(x - 6) << ' ' << number(y + 5) << "h12l-6 -11z\"/>\n";
  }
}

void write_line(std::ostream& out, std::string_view style_class, double x1, double y1, double x2, double y2) {
  out << "<path class=\"" << style_class << "\" d=\"M" << number(x1) << ' ' << number(y1) << 'L' << number(x2) << ' '
      << number(y2) << "\"/>\n";
}

axis axis_for(std::span<const result* const> results, metric_index index) {
  double least = results.front()->of(index).low;
  double greatest = 0;
  for (const result* each : results) {
    least = std::min(least, each->of(index).low);
    greatest = std::max(greatest, each->of(index).high);
  }
  // A tick is never early, but the clock may not see how late it is.
  constexpr double least_time_us = 0.1;
  return results.front()->metric_at(index).unit == "us"
             ? axis::logarithmic(std::max(least, least_time_us), std::max(greatest, least_time_us))
             : axis::linear(greatest);
}

void draw_panel(std::ostream& out, std::span<const result* const> results, metric_index index) {
  const metric& metric = results.front()->metric_at(index);
  const bool time = metric.unit == "us";
  write_text(out, plot_left, 18, std::string(metric.name) + (time ? ", us" : " per second"), "class=\"strong\"");
  write_text(out, plot_left, 34, time ? "lower is better; log scale" : "higher is better", "class=\"quiet\"");

  const axis axis = axis_for(results, index);
  const auto height_of = [&](double value) {
    return plot_top + plot_height * (1 - std::clamp(axis.place_of(value), 0.0, 1.0));
  };
  for (const double mark : axis.marks()) {
    write_line(out, "grid", plot_left, height_of(mark), plot_left + plot_width, height_of(mark));
    write_text(out, plot_left - 6, height_of(mark) + 4, short_number(mark), "class=\"quiet\" text-anchor=\"end\"");
  }

  std::map<std::size_t, std::size_t> groups;  // by cores
  for (const result* each : results) groups.try_emplace(each->layout->cores, groups.size());
  const double group_width = plot_width / static_cast<double>(groups.size());
  const auto middle_of = [&](std::size_t group) {
    return plot_left + group_width * (static_cast<double>(group) + 0.5);
  };
  for (const auto& [cores, group] : groups) {
    write_text(out, middle_of(group), plot_top + plot_height + 18, std::to_string(cores), "text-anchor=\"middle\"");
  }
  write_text(out, plot_left + plot_width / 2, plot_top + plot_height + 34, "cores",
             "class=\"quiet\" text-anchor=\"middle\"");

  for (const result* each : results) {
    const auto place = std::ranges::find(layout_names, each->layout->name) - layout_names.begin();
    const double x = middle_of(groups.at(each->layout->cores)) + group_width * 0.28 * static_cast<double>(place - 1);
    const spread spread = each->of(index);
    out << "<g class=\"" << each->layout->name << "\"><title>" << each->layout->name << ", " << each->layout->cores
        << " cores: " << with_thousands(spread.median) << " (" << with_thousands(spread.low) << " to "
        << with_thousands(spread.high) << ")</title>\n";
    write_line(out, "range", x, height_of(spread.low), x, height_of(spread.high));
    for (const double end : {spread.low, spread.high}) {
      write_line(out, "range", x - 5, height_of(end), x + 5, height_of(end));
    }
    write_mark(out, x, height_of(spread.median), each->layout->name);
    out << "</g>\n";
  }
}

void draw_heading(std::ostream& out, std::size_t rounds) {
  double x = 16;
  for (const std::string_view layout : layout_names) {
    out << "<g class=\"" << layout << "\">";
    write_mark(out, x, 20, layout);
    write_text(out, x + 12, 24, layout);
    out << "</g>\n";
    x += 100;
  }
  write_text(out, x, 24, "mark: median; bar: range of " + std::to_string(rounds) + " rounds", "class=\"quiet\"");
}

}  // namespace

void draw_chart(std::ostream& out, std::span<const result> results) {
  std::vector<std::vector<const result*>> rows;
  for (const workload& workload : all_workloads()) {
    auto own = results_of(results, workload);
    if (!own.empty()) rows.push_back(std::move(own));
  }
  const double width = panel_width * columns.size();
  const double row_height = workload_heading_height + panel_height;
  const double height = heading_height + row_height * static_cast<double>(rows.size());
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << number(width) << ' ' << number(height)
      << "\" role=\"img\" aria-label=\"Thread layouts compared\">\n"
      << style << "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n";
  draw_heading(out, results.front().rounds.size());
  double top = heading_height;
  for (const auto& row : rows) {
    const workload& workload = *row.front()->workload;
    write_text(out, 10, top + 16, std::string(workload.name) + ": " + workload.description, "class=\"strong\"");
    double left = 0;
    for (const metric_index index : columns) {
      out << "<g transform=\"translate(" << number(left) << ' ' << number(top + workload_heading_height) << ")\">\n";
      draw_panel(out, row, index);
      out << "</g>\n";
      left += panel_width;
    }
    top += row_height;
  }
  out << "</svg>\n";
}

}  // namespace demo
