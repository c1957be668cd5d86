#include <numeric>

#include "openmp_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::board;

long solutions(const board& queens) {
  if (queens.is_full()) return 1;
  std::array<long, workload::max_size> parts{};
  for (std::int8_t column = 0; column < queens.size; ++column) {
    if (!queens.accepts(column)) continue;
    const board next = queens.with(column);
#pragma omp task untied default(none) shared(parts) firstprivate(next, column)
    parts[column] = solutions(next);
  }
#pragma omp taskwait
  return std::reduce(parts.begin(), parts.end());
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::openmp_runtime>(
      argc, argv, [](const auto& problem) { return solutions(problem.empty_board()); });
}
