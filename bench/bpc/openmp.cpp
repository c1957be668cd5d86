#include "openmp_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::problem;

void produce(problem& problem, long depth) {
  if (depth == 0) return;
#pragma omp task untied default(none) shared(problem) firstprivate(depth)
  produce(problem, depth - 1);
  for (long i = 0; i < problem.width(); ++i) {
#pragma omp task untied default(none) shared(problem)
    problem.consume();
  }
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::openmp_runtime>(argc, argv, [](auto& problem) {
#pragma omp taskgroup
    produce(problem, problem.depth());
    return problem.answer();
  });
}
