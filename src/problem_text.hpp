// Problems as people read them: one paragraph each, below a heading.
#pragma once

#include <span>
#include <string>

#include <pinfold/start_error.hpp>

namespace pinfold::detail {

/// A line end before each, and none at the end.
[[nodiscard]] std::string problem_paragraphs(std::span<const problem> problems);

/// "HEADING: 2 problems" and the paragraphs. `noun` is in the singular.
[[nodiscard]] std::string problem_text(const std::string& heading, const char* noun, std::span<const problem> problems);

}  // namespace pinfold::detail
