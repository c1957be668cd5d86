// vm_crowded WARNING...: exit status 0 where the start warns of exactly these, each an ID and a place.
#include <cstdio>
#include <string>
#include <vector>

#include <crowded/topology.hpp>

int main(int argc, char** argv) try {
  const std::vector<std::string> expected(argv + 1, argv + argc);
  pinfold::start_options options;
  options.on_start_warning = [](const pinfold::problem& warning) {
    std::printf("%s %s: %s\n        remedy: %s\n", warning.id.c_str(), warning.where.c_str(), warning.what.c_str(),
                warning.remedy.c_str());
  };
  const auto running = crowded::topology.start(std::move(options));
  std::vector<std::string> found;
  for (const pinfold::problem& warning : running.warnings()) found.push_back(warning.id + ' ' + warning.where);
  std::printf("%zu warnings, %zu expected%s\n", found.size(), expected.size(), found == expected ? "" : ": WRONG");
  return found == expected ? 0 : 1;
} catch (const pinfold::start_error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
