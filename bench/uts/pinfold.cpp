#include "pinfold_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::node;

long count(const node& parent);

// The nodes below `parent` from its child `first` on: a task for that child, the others here.
long siblings(const node& parent, std::size_t first, std::size_t end) {
  if (first + 1 == end) return count(parent.child(first));
  auto one = pinfold::fork([child = parent.child(first)] { return count(child); });
  const long others = siblings(parent, first + 1, end);
  return one.join() + others;
}

long count(const node& parent) {
  const std::size_t children = parent.children();
  return children == 0 ? 1 : 1 + siblings(parent, 0, children);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::pinfold_runtime>(
      argc, argv, [](const auto& problem) { return count(problem.root()); });
}
