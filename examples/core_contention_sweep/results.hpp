// The rounds of a workload under a layout, and how far they lie apart.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <vector>

#include "layout.hpp"
#include "workloads.hpp"

namespace demo {

/// Median, least and greatest of the rounds.
struct spread {
  double median, low, high;
};

struct result {
  const demo::workload* workload;
  const demo::layout* layout;
  std::vector<measurement> rounds = {};

  [[nodiscard]] const metric& metric_at(metric_index index) const { return workload->metrics[index]; }
  /// At least one round.
  [[nodiscard]] spread of(metric_index index) const;
};

/// Those of a workload, in the order of the layouts.
std::vector<const result*> results_of(std::span<const result> results, const workload& workload);

/// An array of {workload, cores, layout, metric, unit, median, low, high, rounds}.
void write_json(std::ostream& out, std::span<const result> results);

}  // namespace demo
