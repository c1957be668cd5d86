#include <oneapi/tbb/task_group.h>

#include "tbb_runtime.hpp"
#include "workload.hpp"

namespace {

long fib(long n) {
  if (n < 2) return n;
  long left = 0;
  tbb::task_group group;
  group.run([&left, n] { left = fib(n - 1); });
  const long right = fib(n - 2);
  group.wait();
  return left + right;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::tbb_runtime>(argc, argv,
                                                           [](const auto& problem) { return fib(problem.n); });
}
