// Runs one workload under two thread layouts in turn, and prints what the layout made of it.
#include <array>
#include <core_contention/command_line.hpp>
#include <core_contention/workload.hpp>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <contending/topology.hpp>
#include <dedicated/topology.hpp>

#include "options.hpp"
#include "report.hpp"

namespace {

// In turn, so that a change of the machine's mood meets both.
std::array<demo::layout_result, 2> measure_in_turn(const pinfold::start_options& start, const demo::options& options) {
  std::vector<demo::measurement> contending_rounds;
  std::vector<demo::measurement> dedicated_rounds;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    contending_rounds.push_back(demo::measure_requests(contending::topology, start, options.load));
    dedicated_rounds.push_back(demo::measure_requests(dedicated::topology, start, options.load));
  }
  return {{{contending::topology.name(), demo::medians(contending_rounds)},
           {dedicated::topology.name(), demo::medians(dedicated_rounds)}}};
}

// Nobody should wait for results of layouts that this machine cannot run, or that cannot be written.
void run(const pinfold::start_options& start, const demo::options& options) {
  contending::topology.start(start).stop();
  dedicated::topology.start(start).stop();
  std::ofstream json;
  if (options.json) {
    json.open(*options.json);
    if (!json) throw demo::usage_error("--json: cannot write '" + *options.json + "'");
  }

  std::cout << options.load.connections << " connections; medians of " << options.rounds << " rounds of "
            << options.load.seconds.count() << " s for each layout\n"
            << std::endl;
  const auto layouts = measure_in_turn(start, options);
  demo::print_table(std::cout, layouts);
  std::cout << '\n' << demo::compare(layouts[0].values, layouts[1].values) << '\n';

  if (options.json) {
    demo::write_json(json, layouts);
    if (!json.flush()) throw std::runtime_error("cannot write '" + *options.json + "'");
  }
}

}  // namespace

int main(int argc, char** argv) {
  return demo::exit_status("core_contention_basics", [&] {
    const auto start = pinfold::start_options{}.read_arguments(argc, argv);
    const demo::options options = demo::parse_options(argc, argv);
    if (options.help) {
      std::cout << demo::help_text;
    } else {
      run(start, options);
    }
  });
}
