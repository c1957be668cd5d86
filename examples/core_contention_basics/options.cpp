#include "options.hpp"

#include <chrono>
#include <core_contention/command_line.hpp>
#include <vector>

namespace demo {
namespace {

// Two sockets a connection have to fit in the customary limit of 1024 descriptors.
constexpr std::size_t min_connections = 2;
constexpr std::size_t max_connections = 400;
constexpr double min_seconds = 0.1;
constexpr double max_seconds = 60;
constexpr std::size_t min_rounds = 1;
constexpr std::size_t max_rounds = 25;

}  // namespace

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
  const std::vector<std::string_view> words = split(argc, argv);
  for (auto word = words.begin(); word != words.end(); ++word) {
    const std::string_view option = *word;
    const auto value = [&] {
      if (++word == words.end()) throw usage_error(std::string(option) + " needs a value");
      return *word;
    };
    if (option == "--help") {
      parsed.help = true;
    } else if (option == "--connections") {
      parsed.load.connections =
          parse_number(option, value(), min_connections, max_connections, "a whole number from 2 to 400");
    } else if (option == "--seconds") {
      parsed.load.seconds = std::chrono::duration<double>(
          parse_number(option, value(), min_seconds, max_seconds, "a number from 0.1 to 60"));
    } else if (option == "--rounds") {
      parsed.rounds = parse_number(option, value(), min_rounds, max_rounds, "a whole number from 1 to 25");
    } else if (option == "--json") {
      parsed.json = value();
    } else {
      throw usage_error("there is no option '" + std::string(option) + "'");
    }
  }
  return parsed;
}

}  // namespace demo
