#include <pinfold/start_error.hpp>

#include <utility>

#include "problem_text.hpp"

namespace pinfold {
namespace detail {

std::string problem_text(std::string heading, const char* noun, std::span<const problem> problems) {
  std::string text = std::move(heading);
  text += ": " + std::to_string(problems.size()) + ' ' + noun + (problems.size() == 1 ? "" : "s");
  for (const problem& found : problems) {
    text += "\n  " + found.id + ' ' + found.where + ": " + found.what;
    text += "\n        remedy: " + found.remedy;
  }
  return text;
}

}  // namespace detail

start_error::start_error(const std::string& topology, std::vector<problem> problems)
    : error(detail::problem_text("pinfold: cannot start topology '" + topology + '\'', "problem", problems)),
      problems_(std::move(problems)) {}

}  // namespace pinfold
