#include "serial_runtime.hpp"
#include "workload.hpp"

namespace {

long fib(long n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::serial_runtime>(argc, argv,
                                                              [](const auto& problem) { return fib(problem.n); });
}
