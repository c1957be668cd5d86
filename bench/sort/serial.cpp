#include "serial_runtime.hpp"
#include "workload.hpp"

namespace {

void sort(const workload::sorting& keys) { keys.compute(); }

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::serial_runtime>(argc, argv, [](auto& problem) {
    sort(problem.whole());
    return problem.answer();
  });
}
