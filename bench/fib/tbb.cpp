#include <oneapi/tbb/task_group.h>

#include "tbb_runtime.hpp"
#include "workload.hpp"

namespace {

long fib_by_tasks(long n);

// The test outside the recursive function lets the compiler save the call of a leaf.
inline long fib(long n) { return n < 2 ? n : fib_by_tasks(n); }

long fib_by_tasks(long n) {
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
