// What the program says: a table, a sentence, JSON.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include <core_contention/measurement.hpp>

namespace demo {

struct layout_result {
  std::string_view layout;
  measurement values;
};

void print_table(std::ostream& out, std::span<const layout_result> layouts);

/// What giving cores away did to latency, throughput and computation, whichever way each went.
std::string compare(const measurement& contending, const measurement& dedicated);

/// An array of {layout, metric, unit, value}; the value of a metric that is not available is null.
void write_json(std::ostream& out, std::span<const layout_result> layouts);

}  // namespace demo
