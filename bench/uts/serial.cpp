#include "serial_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::node;

long count(const node& parent) {
  long nodes = 1;
  const std::size_t children = parent.children();
  for (std::size_t i = 0; i < children; ++i) nodes += count(parent.child(i));
  return nodes;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::serial_runtime>(
      argc, argv, [](const auto& problem) { return count(problem.root()); });
}
