#include "openmp_runtime.hpp"
#include "workload.hpp"

namespace {

long fib(long n) {
  if (n < 2) return n;
  long left = 0;
#pragma omp task untied default(none) shared(left) firstprivate(n)
  left = fib(n - 1);
  const long right = fib(n - 2);
#pragma omp taskwait
  return left + right;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::openmp_runtime>(argc, argv,
                                                              [](const auto& problem) { return fib(problem.n); });
}
