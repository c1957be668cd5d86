// How many ways there are to put n queens onto an n x n board: a task for each placement at every row, down to the
// last.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "program.hpp"

namespace workload {

constexpr std::size_t max_size = 16;

// For n = 0, 1, ... (https://oeis.org/A000170).
constexpr std::array<long, max_size + 1> solutions{1,   1,   0,    0,     2,     10,     4,       40,      92,
                                                   352, 724, 2680, 14200, 73712, 365596, 2279184, 14772512};

/// The queens of the rows so far, as the column of each; copied from task to task.
struct board {
  [[nodiscard]] bool is_full() const { return rows == size; }

  /// A queen in `column` of the next row attacks none of the others.
  [[nodiscard]] bool accepts(std::int8_t column) const {
    for (int row = 0; row < rows; ++row) {
      const int distance = column - columns[row];
      if (distance == 0 || distance == rows - row || distance == row - rows) return false;
    }
    return true;
  }

  /// This board with one more queen.
  [[nodiscard]] board with(std::int8_t column) const {
    board next = *this;
    next.columns[next.rows++] = column;
    return next;
  }

  std::array<std::int8_t, max_size> columns{};
  std::int8_t rows = 0;
  std::int8_t size = 0;
};

struct problem {
  explicit problem(bench::options& given) : size(given.required("size", 1, max_size)) {}

  [[nodiscard]] board empty_board() const { return {.size = static_cast<std::int8_t>(size)}; }

  void check(long answer) const { bench::require_answer(answer, solutions[static_cast<std::size_t>(size)]); }

  long size;
};

}  // namespace workload
