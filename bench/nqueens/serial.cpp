#include "serial_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::board;

long solutions(const board& queens) {
  if (queens.is_full()) return 1;
  long sum = 0;
  for (std::int8_t column = 0; column < queens.size; ++column) {
    if (queens.accepts(column)) sum += solutions(queens.with(column));
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::serial_runtime>(
      argc, argv, [](const auto& problem) { return solutions(problem.empty_board()); });
}
