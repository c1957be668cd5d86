#include <pinfold/start_error.hpp>

namespace pinfold {
namespace {

std::string message(const std::string& topology, std::span<const problem> problems) {
  std::string text = "pinfold: cannot start topology '" + topology + "': " + std::to_string(problems.size()) +
                     (problems.size() == 1 ? " problem" : " problems");
  for (const problem& found : problems) {
    text += "\n  " + found.id + ' ' + found.where + ": " + found.what;
    text += "\n        remedy: " + found.remedy;
  }
  return text;
}

}  // namespace

start_error::start_error(const std::string& topology, std::vector<problem> problems)
    : error(message(topology, problems)), problems_(std::move(problems)) {}

}  // namespace pinfold
