#include <oneapi/tbb/parallel_invoke.h>

#include "tbb_runtime.hpp"
#include "workload.hpp"

namespace {

void merge(const workload::merge& ranges) {
  if (ranges.is_leaf()) return ranges.compute();
  const auto halves = ranges.divide();
  tbb::parallel_invoke([&halves] { merge(halves.low); }, [&halves] { merge(halves.high); });
}

void sort(const workload::sorting& keys) {
  if (keys.is_leaf()) return keys.compute();
  tbb::parallel_invoke([&keys] { sort(keys.low()); }, [&keys] { sort(keys.high()); });
  merge(keys.rest());
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::tbb_runtime>(argc, argv, [](auto& problem) {
    sort(problem.whole());
    return problem.answer();
  });
}
