#include "problem_text.hpp"

namespace pinfold::detail {

std::string problem_paragraphs(std::span<const problem> problems) {
  std::string text;
  for (const problem& found : problems) {
    text += "\n  " + found.id + ' ' + found.where + ": " + found.what;
    text += "\n        remedy: " + found.remedy;
  }
  return text;
}

std::string problem_text(const std::string& heading, const char* noun, std::span<const problem> problems) {
  return heading + ": " + std::to_string(problems.size()) + ' ' + noun + (problems.size() == 1 ? "" : "s") +
         problem_paragraphs(problems);
}

}  // namespace pinfold::detail
