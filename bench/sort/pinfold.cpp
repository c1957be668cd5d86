#include "pinfold_runtime.hpp"
#include "workload.hpp"

namespace {

void merge(const workload::merge& ranges) {
  if (ranges.is_leaf()) return ranges.compute();
  const auto halves = ranges.divide();
  pinfold::join([low = halves.low] { merge(low); }, [high = halves.high] { merge(high); });
}

void sort(const workload::sorting& keys) {
  if (keys.is_leaf()) return keys.compute();
  pinfold::join([low = keys.low()] { sort(low); }, [high = keys.high()] { sort(high); });
  merge(keys.rest());
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::pinfold_runtime>(argc, argv, [](auto& problem) {
    sort(problem.whole());
    return problem.answer();
  });
}
