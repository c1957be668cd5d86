#include "pinfold_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::children;

long skynet(long first, long leaves);

// The sum of `count` siblings of `leaves` leaves each: a task for the first, the others here.
long siblings(long first, long leaves, long count) {
  if (count == 1) return skynet(first, leaves);
  auto one = pinfold::fork([first, leaves] { return skynet(first, leaves); });
  const long others = siblings(first + leaves, leaves, count - 1);
  return one.join() + others;
}

long skynet(long first, long leaves) { return leaves == 1 ? first : siblings(first, leaves / children, children); }

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::pinfold_runtime>(
      argc, argv, [](const auto& problem) { return skynet(0, problem.leaves); });
}
