#include "openmp_runtime.hpp"
#include "workload.hpp"

namespace {

void merge(const workload::merge& ranges) {
  if (ranges.is_leaf()) return ranges.compute();
  const auto halves = ranges.divide();
#pragma omp task untied default(none) shared(halves)
  merge(halves.low);
  merge(halves.high);
#pragma omp taskwait
}

void sort(const workload::sorting& keys) {
  if (keys.is_leaf()) return keys.compute();
#pragma omp task untied default(none) shared(keys)
  sort(keys.low());
  sort(keys.high());
#pragma omp taskwait
  merge(keys.rest());
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::openmp_runtime>(argc, argv, [](auto& problem) {
    sort(problem.whole());
    return problem.answer();
  });
}
