#include "command_line.hpp"

#include <cstddef>

namespace demo {

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

}  // namespace demo
