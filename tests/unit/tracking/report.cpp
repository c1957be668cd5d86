// running_topology::report(): one aligned table.
#include <inherited/topology.hpp>
#include <reactors/topology.hpp>
#include <single/topology.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/held_gate.hpp"

using namespace pinfold_test;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> report_of(const pinfold::running_topology& running) {
  std::ostringstream out;
  running.report(out);
  return lines_of(out.str());
}

// Columns are separated by two blanks at least; nothing in them has two.
std::vector<std::string> cells_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> cells;
  for (std::string cell; in >> cell;) cells.push_back(cell);
  return cells;
}

}  // namespace

TEST_CASE("report is a table of pools whose columns are aligned") {
  const auto running = reactors::topology.start();
  const auto lines = report_of(running);
  REQUIRE(lines.size() == 6);
  CHECK(cells_of(lines[0]) == std::vector<std::string>{"pool", "kind", "threads", "cores", "state", "accepted",
                                                       "running", "waiting", "finished"});
  for (const std::string& line : lines) CHECK(line.size() == lines[0].size());
  CHECK(lines[3].starts_with("files    asio    1+2      any    running"));
}

TEST_CASE("report says that a pool without cores runs on those of the process") {
  auto running = inherited::topology.start();
  CHECK(report_of(running)[1].starts_with("free  native  1        0 of the process  running"));
  running.stop();
  CHECK(report_of(running)[1].starts_with("free  native  1        0 of the process  stopped"));
}

TEST_CASE("report shows the state of pools and what they do") {
  const std::string pool = "alone";
  auto running = single::topology.start();
  auto& alone = single::native_pools::alone;
  alone.install([] {});
  const std::uint64_t before = alone.stats().accepted;
  const auto number = [](std::uint64_t of) { return std::to_string(of); };
  held_gate gate;
  alone.post([&] { gate.wait(); });
  alone.post([] {});
  gate.wait_for_arrivals(1);
  CHECK(cells_of(report_of(running)[1]) ==
        std::vector<std::string>{pool, "native", "1", "any", "running", number(before + 2), "1", "1", number(before)});
  running.request_stop();
  CHECK(cells_of(report_of(running)[1])[4] == "draining");
  gate.open();
  running.stop();
  CHECK(cells_of(report_of(running)[1]) == std::vector<std::string>{pool, "native", "1", "any", "stopped",
                                                                    number(before + 2), "0", "0", number(before + 2)});
}

TEST_CASE("a running topology that was moved from reports nothing") {
  auto running = single::topology.start();
  const auto other = std::move(running);
  CHECK(report_of(running).empty());  // NOLINT(bugprone-use-after-move): what a moved-from one says
}
