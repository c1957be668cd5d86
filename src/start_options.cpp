#include <pinfold/start_options.hpp>

#include <cstring>

namespace pinfold {

start_options& start_options::read_arguments(int& argc, char** argv) {
  constexpr std::string_view option = "--pinfold-cpu-map";
  int kept = argc > 0 ? 1 : 0;
  for (int i = kept; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--") {
      while (i < argc) argv[kept++] = argv[i++];
      break;
    }
    if (argument.starts_with(option) && argument.substr(option.size()).starts_with('=')) {
      cpu_map = argument.substr(option.size() + 1);
      cpu_map_from_arguments = true;
    } else if (argument == option && i + 1 < argc) {
      cpu_map = argv[++i];
      cpu_map_from_arguments = true;
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = kept;
  argv[argc] = nullptr;
  return *this;
}

}  // namespace pinfold
