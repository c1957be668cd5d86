// What the numbers say, in sentences.
#pragma once

#include <iosfwd>
#include <span>

#include "results.hpp"

namespace demo {

/// For each number of cores: what `dedicated` gained and lost against the other layouts. A difference counts only where
/// every round of the one was better than every round of the other; where none does, it says so.
void print_findings(std::ostream& out, std::span<const result* const> results);

}  // namespace demo
