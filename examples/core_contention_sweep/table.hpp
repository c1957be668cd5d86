// The results of a workload as a table.
#pragma once

#include <iosfwd>
#include <span>

#include "results.hpp"

namespace demo {

/// Each cell is a median, and in brackets the range of the rounds where there are several. At least one result.
void print_table(std::ostream& out, std::span<const result* const> results);

}  // namespace demo
