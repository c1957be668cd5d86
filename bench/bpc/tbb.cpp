#include <oneapi/tbb/task_group.h>

#include "tbb_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::problem;

void produce(tbb::task_group& group, problem& problem, long depth) {
  if (depth == 0) return;
  group.run([&group, &problem, depth] { produce(group, problem, depth - 1); });
  for (long i = 0; i < problem.width(); ++i) group.run([&problem] { problem.consume(); });
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::tbb_runtime>(argc, argv, [](auto& problem) {
    tbb::task_group group;
    produce(group, problem, problem.depth());
    group.wait();
    return problem.answer();
  });
}
