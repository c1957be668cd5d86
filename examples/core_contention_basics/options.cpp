#include "options.hpp"

#include <core_contention/command_line.hpp>

namespace demo {

const std::string_view help_text =
    "usage: core_contention_basics [OPTION...]\n"
    "\n"
    "Two HTTP servers beside a parallel computation, under two thread layouts: contending, then dedicated.\n"
    "\n"
    "  --connections N   keep-alive connections over both servers, 2 to 400 (64)\n"
    "  --seconds S       measured time of each layout and round, 0.1 to 60 (2)\n"
    "  --rounds R        how often each layout runs, in turn, 1 to 25 (5); medians are reported\n"
    "  --json FILE       write the table there as an array of {layout, metric, unit, value}\n"
    "  --pinfold-cpu-map MAP\n"
    "                    run on other CPUs than the program was built for, e.g. 2-3:0-1\n"
    "  --help            print this and exit\n";

options parse_options(int argc, const char* const* argv) {
  options parsed;
  for_each_option(argc, argv, [&](std::string_view option, const value_of_option& value) {
    if (option == "--help") {
      parsed.help = true;
    } else if (option == "--json") {
      parsed.json = value();
    } else {
      return take_measuring_option(option, value, parsed.load, parsed.rounds);
    }
    return true;
  });
  return parsed;
}

}  // namespace demo
