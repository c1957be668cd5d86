#include <oneapi/tbb/task_group.h>

#include <numeric>

#include "tbb_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::board;

long solutions(const board& queens) {
  if (queens.is_full()) return 1;
  std::array<long, workload::max_size> parts{};
  tbb::task_group group;
  for (std::int8_t column = 0; column < queens.size; ++column) {
    if (!queens.accepts(column)) continue;
    group.run([&part = parts[column], next = queens.with(column)] { part = solutions(next); });
  }
  group.wait();
  return std::reduce(parts.begin(), parts.end());
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::tbb_runtime>(
      argc, argv, [](const auto& problem) { return solutions(problem.empty_board()); });
}
