#include "pinfold_runtime.hpp"
#include "workload.hpp"

namespace {

long dfs(long depth, long breadth);

// The leaves of `count` siblings of a depth: a task for the first, the others here.
long siblings(long depth, long breadth, long count) {
  if (count == 1) return dfs(depth, breadth);
  auto one = pinfold::fork([depth, breadth] { return dfs(depth, breadth); });
  const long others = siblings(depth, breadth, count - 1);
  return one.join() + others;
}

long dfs(long depth, long breadth) { return depth == 0 ? 1 : siblings(depth - 1, breadth, breadth); }

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::pinfold_runtime>(
      argc, argv, [](const auto& problem) { return dfs(problem.depth, problem.breadth); });
}
