#include <oneapi/tbb/parallel_invoke.h>

#include "tbb_runtime.hpp"
#include "workload.hpp"

namespace {

void multiply(const workload::product& product) {
  if (product.is_leaf()) return product.compute();
  const auto parts = product.divide();
  if (parts.independent) {
    tbb::parallel_invoke([&parts] { multiply(parts.first); }, [&parts] { multiply(parts.second); });
  } else {
    multiply(parts.first);
    multiply(parts.second);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::tbb_runtime>(argc, argv, [](auto& problem) {
    multiply(problem.whole());
    return problem.answer();
  });
}
