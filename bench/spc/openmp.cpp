#include "openmp_runtime.hpp"
#include "workload.hpp"

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::openmp_runtime>(argc, argv, [](auto& problem) {
    for (long i = 0; i < problem.tasks(); ++i) {
#pragma omp task untied default(none) shared(problem)
      problem.consume();
    }
#pragma omp taskwait
    return problem.answer();
  });
}
