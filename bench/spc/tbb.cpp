#include <oneapi/tbb/task_group.h>

#include "tbb_runtime.hpp"
#include "workload.hpp"

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::tbb_runtime>(argc, argv, [](auto& problem) {
    tbb::task_group group;
    for (long i = 0; i < problem.tasks(); ++i) group.run([&problem] { problem.consume(); });
    group.wait();
    return problem.answer();
  });
}
