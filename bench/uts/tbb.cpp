#include <oneapi/tbb/task_group.h>

#include <numeric>

#include "tbb_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::node;

long count(const node& parent) {
  const std::size_t children = parent.children();
  if (children == 0) return 1;
  std::array<long, workload::max_children> nodes;
  tbb::task_group group;
  for (std::size_t i = 0; i + 1 < children; ++i) {
    group.run([&part = nodes[i], child = parent.child(i)] { part = count(child); });
  }
  nodes[children - 1] = count(parent.child(children - 1));
  group.wait();
  return std::reduce(nodes.begin(), nodes.begin() + children, 1L);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::tbb_runtime>(argc, argv,
                                                           [](const auto& problem) { return count(problem.root()); });
}
