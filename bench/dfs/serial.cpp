#include "serial_runtime.hpp"
#include "workload.hpp"

namespace {

long dfs(long depth, long breadth) {
  if (depth == 0) return 1;
  long leaves = 0;
  for (long i = 0; i < breadth; ++i) leaves += dfs(depth - 1, breadth);
  return leaves;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::serial_runtime>(
      argc, argv, [](const auto& problem) { return dfs(problem.depth, problem.breadth); });
}
