// The results as a picture: SVG that reads on light and on dark pages.
#pragma once

#include <iosfwd>
#include <span>

#include "results.hpp"

namespace demo {

/// A row of panels for each workload: p99, what was served and what was computed, by cores and layout. Points are
/// medians, bars the range of the rounds.
void draw_chart(std::ostream& out, std::span<const result> results);

}  // namespace demo
