#include "pinfold_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::children;

long node(long first, long leaves);

inline long skynet(long first, long leaves) { return leaves == 1 ? first : node(first, leaves / children); }

// The sum of the last `Count` children of a node, of `leaves` leaves each: a task for the first, the others here. A
// function for each number, as a loop over an array of handles would be.
template <int Count = children>
long siblings(long first, long leaves) {
  if constexpr (Count == 1) {
    return skynet(first, leaves);
  } else {
    auto one = pinfold::fork([first, leaves] { return skynet(first, leaves); });
    const long others = siblings<Count - 1>(first + leaves, leaves);
    return one.join() + others;
  }
}

long node(long first, long leaves) { return siblings(first, leaves); }

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::pinfold_runtime>(
      argc, argv, [](const auto& problem) { return skynet(0, problem.leaves); });
}
