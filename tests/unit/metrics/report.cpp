// running_topology::report() of pools with metrics.
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "metrics/metered_pools.hpp"
#include "support/held_gate.hpp"

using namespace pinfold_test;

namespace {

std::vector<std::string> report_of(const pinfold::running_topology& running) {
  std::ostringstream out;
  running.report(out);
  std::istringstream in(out.str());
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string row_of(const std::vector<std::string>& lines, const std::string& pool, const std::string& kind) {
  const auto found = std::ranges::find_if(lines, [&](const std::string& line) {
    return line.starts_with(pool + ' ') && line.find(' ' + kind + ' ') != std::string::npos;
  });
  REQUIRE(found != lines.end());
  return *found;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> cells;
  for (std::string cell; in >> cell;) cells.push_back(cell);
  return cells;
}

// The six columns of metrics.
std::vector<std::string> metrics_of(const std::string& line) {
  auto cells = cells_of(line);
  return {cells.end() - 6, cells.end()};
}

}  // namespace

TEST_CASE("report has columns for metrics, empty for pools without") {
  auto running = metrics::topology.start();
  auto& pool = metrics::native_pools::counters;
  const std::uint64_t most = pool.stats().queue_high_water + 3;
  held_gate gate;
  for (std::uint64_t i = 0; i < most; ++i) pinfold::pool_ref(pool).get_executor().execute([&] { gate.wait(); });
  gate.open();
  running.wait_idle();
  metrics::native_pools::latency.install([] { pass_time(); });
  running.stop();

  const auto lines = report_of(running);
  auto heading = cells_of(lines.front());
  heading.erase(heading.begin(), std::ranges::find(heading, "finished"));
  CHECK(heading == std::vector<std::string>{"finished", "high", "water", "stolen", "parks", "p50", "p99", "max"});
  for (const std::string& line : lines) CHECK(line.size() == lines.front().size());
  CHECK(metrics_of(row_of(lines, "off", "native")) == std::vector<std::string>(6, "-"));
  CHECK(metrics_of(row_of(lines, "counters", "native")) ==
        std::vector<std::string>{std::to_string(most), "0", std::to_string(pool.stats().parks), "-", "-", "-"});
  const auto latency = metrics_of(row_of(lines, "latency", "native"));
  for (const std::size_t quantile : {3U, 4U, 5U}) CHECK(latency[quantile].ends_with('s'));
}
