#include "pinfold_runtime.hpp"
#include "workload.hpp"

namespace {

long fib(long n) {
  if (n < 2) return n;
  auto left = pinfold::fork([n] { return fib(n - 1); });
  const long right = fib(n - 2);
  return left.join() + right;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::pinfold_runtime>(argc, argv,
                                                               [](const auto& problem) { return fib(problem.n); });
}
