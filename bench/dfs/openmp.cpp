#include <numeric>

#include "openmp_runtime.hpp"
#include "workload.hpp"

namespace {

long dfs(long depth, long breadth) {
  if (depth == 0) return 1;
  std::array<long, workload::max_breadth> leaves{};
  for (std::size_t i = 1; i < static_cast<std::size_t>(breadth); ++i) {
#pragma omp task untied default(none) shared(leaves) firstprivate(i, depth, breadth)
    leaves[i] = dfs(depth - 1, breadth);
  }
  leaves[0] = dfs(depth - 1, breadth);
#pragma omp taskwait
  return std::reduce(leaves.begin(), leaves.end());
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::openmp_runtime>(
      argc, argv, [](const auto& problem) { return dfs(problem.depth, problem.breadth); });
}
