#include "options.hpp"

#include <core_contention/command_line.hpp>

namespace demo {

const std::string_view help_text =
    "usage: core_contention_sweep [OPTION...]\n"
    "\n"
    "Two workloads under three thread layouts for each number of cores that the machine has: every pool on every core\n"
    "(shared), each pool on its own cores (dedicated), one pool for everything (single).\n"
    "\n"
    "  --seconds S       measured time of each run, 0.1 to 60 (1); how long all runs take is said at the start\n"
    "  --rounds R        how often each layout runs, in turn, 1 to 25 (5); medians and ranges are reported\n"
    "  --cores N         only the layouts for N cores\n"
    "  --workload NAME   only 'requests' or 'ticks'\n"
    "  --connections N   keep-alive connections over both servers, 2 to 400 (64)\n"
    "  --json FILE       write all results there\n"
    "  --svg FILE        draw them there\n"
    "  --pinfold-cpu-map MAP\n"
    "                    run on other CPUs than the first ones that this process may use, e.g. 0-1:2-3\n"
    "  --help            print this and exit\n";

options parse_options(int argc, const char* const* argv) {
  options parsed;
  for_each_option(argc, argv, [&](std::string_view option, const value_of_option& value) {
    if (option == "--help") {
      parsed.help = true;
    } else if (option == "--cores") {
      parsed.cores = parse_number<std::size_t>(option, value(), 2, 8192, "a whole number from 2 to 8192");
    } else if (option == "--workload") {
      parsed.workload = value();
    } else if (option == "--json") {
      parsed.json = value();
    } else if (option == "--svg") {
      parsed.svg = value();
    } else {
      return take_measuring_option(option, value, parsed.load, parsed.rounds);
    }
    return true;
  });
  return parsed;
}

}  // namespace demo
