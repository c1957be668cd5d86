#include "openmp_runtime.hpp"
#include "workload.hpp"

namespace {

void multiply(const workload::product& product) {
  if (product.is_leaf()) return product.compute();
  const auto parts = product.divide();
  if (parts.independent) {
#pragma omp task untied default(none) shared(parts)
    multiply(parts.first);
    multiply(parts.second);
#pragma omp taskwait
  } else {
    multiply(parts.first);
    multiply(parts.second);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::openmp_runtime>(argc, argv, [](auto& problem) {
    multiply(problem.whole());
    return problem.answer();
  });
}
