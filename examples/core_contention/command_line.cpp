#include "command_line.hpp"

#include <chrono>
#include <iostream>
#include <pinfold/start_error.hpp>
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

std::vector<std::string_view> split(int argc, const char* const* argv) {
  std::vector<std::string_view> words;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::size_t equals = argument.starts_with("--") ? argument.find('=') : std::string_view::npos;
    words.push_back(argument.substr(0, equals));
    if (equals != std::string_view::npos) words.push_back(argument.substr(equals + 1));
  }
  return words;
}

}  // namespace

void for_each_option(int argc, const char* const* argv,
                     const std::function<bool(std::string_view option, const value_of_option& value)>& take) {
  const std::vector<std::string_view> words = split(argc, argv);
  for (auto word = words.begin(); word != words.end(); ++word) {
    const std::string option(*word);
    const auto value = [&] {
      if (++word == words.end()) throw usage_error(option + " needs a value");
      return *word;
    };
    if (!take(option, value)) throw usage_error("there is no option '" + option + "'");
  }
}

bool take_measuring_option(std::string_view option, const value_of_option& value, request_load& load,
                           std::size_t& rounds) {
  if (option == "--connections") {
    load.connections = parse_number(option, value(), min_connections, max_connections, "a whole number from 2 to 400");
  } else if (option == "--seconds") {
    load.seconds = std::chrono::duration<double>(
        parse_number(option, value(), min_seconds, max_seconds, "a number from 0.1 to 60"));
  } else if (option == "--rounds") {
    rounds = parse_number(option, value(), min_rounds, max_rounds, "a whole number from 1 to 25");
  } else {
    return false;
  }
  return true;
}

int exit_status(std::string_view program, const std::function<void()>& run) {
  try {
    run();
    return 0;
  } catch (const usage_error& error) {
    std::cerr << program << ": " << error.what() << " (see --help)\n";
    return 2;
  } catch (const pinfold::start_error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  } catch (const std::exception& error) {
    std::cerr << program << ": " << error.what() << '\n';
    return 1;
  }
}

}  // namespace demo
