#include "pinfold_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::board;

long solutions(const board& queens);

// Those with the next queen in `column` or behind: one task for the first safe column, and the rest here.
long solutions_from(std::int8_t column, const board& queens) {
  for (; column < queens.size; ++column) {
    if (!queens.accepts(column)) continue;
    auto here = pinfold::fork([next = queens.with(column)] { return solutions(next); });
    const long behind = solutions_from(static_cast<std::int8_t>(column + 1), queens);
    return here.join() + behind;
  }
  return 0;
}

long solutions(const board& queens) { return queens.is_full() ? 1 : solutions_from(0, queens); }

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::pinfold_runtime>(
      argc, argv, [](const auto& problem) { return solutions(problem.empty_board()); });
}
