#include "serial_runtime.hpp"
#include "workload.hpp"

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::serial_runtime>(argc, argv, [](auto& problem) {
    for (long i = 0; i < problem.depth() * problem.width(); ++i) problem.consume();
    return problem.answer();
  });
}
