#include <numeric>

#include "openmp_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::node;

long count(const node& parent) {
  const std::size_t children = parent.children();
  if (children == 0) return 1;
  std::array<long, workload::max_children> nodes;
  for (std::size_t i = 0; i + 1 < children; ++i) {
    const node child = parent.child(i);
#pragma omp task untied default(none) shared(nodes) firstprivate(i, child)
    nodes[i] = count(child);
  }
  nodes[children - 1] = count(parent.child(children - 1));
#pragma omp taskwait
  return std::reduce(nodes.begin(), nodes.begin() + children, 1L);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::openmp_runtime>(
      argc, argv, [](const auto& problem) { return count(problem.root()); });
}
