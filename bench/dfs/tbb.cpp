#include <oneapi/tbb/task_group.h>

#include <numeric>

#include "tbb_runtime.hpp"
#include "workload.hpp"

namespace {

long dfs(long depth, long breadth) {
  if (depth == 0) return 1;
  std::array<long, workload::max_breadth> leaves{};
  tbb::task_group group;
  for (std::size_t i = 1; i < static_cast<std::size_t>(breadth); ++i) {
    group.run([&part = leaves[i], depth, breadth] { part = dfs(depth - 1, breadth); });
  }
  leaves[0] = dfs(depth - 1, breadth);
  group.wait();
  return std::reduce(leaves.begin(), leaves.end());
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::tbb_runtime>(
      argc, argv, [](const auto& problem) { return dfs(problem.depth, problem.breadth); });
}
