// Problems as people read them: one paragraph each, below a heading.
#pragma once

#include <span>
#include <string>

#include <pinfold/start_error.hpp>

namespace pinfold::detail {

/// "HEADING: 2 problems" and the paragraphs, without a line end. `noun` is in the singular.
[[nodiscard]] std::string problem_text(std::string heading, const char* noun, std::span<const problem> problems);

}  // namespace pinfold::detail
