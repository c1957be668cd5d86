#include "findings.hpp"

#include <ostream>
#include <string>

#include <core_contention/figures.hpp>

namespace demo {
namespace {

enum class verdict { better, worse, no_difference };

struct difference {
  demo::verdict verdict;
  std::string text;
};

bool is_time(const metric& metric) { return metric.unit == "us"; }

difference compare(const result& other, const result& dedicated, metric_index index) {
  const metric& metric = dedicated.metric_at(index);
  const spread from = other.of(index);
  const spread to = dedicated.of(index);
  const std::string name(metric.name);
  if (to.low <= from.high && from.low <= to.high) {
    return {verdict::no_difference, "no difference in " + name + " (the rounds overlap)"};
  }
  const bool lower = to.median < from.median;
  return {.verdict = lower == is_time(metric) ? verdict::better : verdict::worse,
          .text = is_time(metric) ? name + " " + factor(from.median, to.median) + " (" + with_thousands(to.median) +
                                        " us, " + with_thousands(from.median) + " us)"
                                  : share(from.median, to.median, name)};
}

void compare_layouts(std::ostream& out, const result& other, const result& dedicated) {
  out << dedicated.layout->cores << " cores, " << dedicated.layout->name << " against " << other.layout->name << ": ";
  bool gains = false;
  for (const metric_index index : {p99, served, computed}) {
    const difference found = compare(other, dedicated, index);
    gains = gains || (index != computed && found.verdict == verdict::better);
    out << found.text << (index == computed ? "." : "; ");
  }
  if (!gains) {
    out << " Cores of its own did " << dedicated.workload->name << " no good here: neither p99 nor the rate is better.";
  }
  out << '\n';
}

}  // namespace

void print_findings(std::ostream& out, std::span<const result* const> results) {
  if (results.front()->rounds.size() < 3) {
    out << "Fewer than 3 rounds say nothing about differences: they could be chance.\n";
    return;
  }
  for (const result* dedicated : results) {
    if (dedicated->layout->name != "dedicated") continue;
    for (const result* other : results) {
      if (other != dedicated && other->layout->cores == dedicated->layout->cores) {
        compare_layouts(out, *other, *dedicated);
      }
    }
  }
}

}  // namespace demo
