// Heat that spreads over a plate: Jacobi steps over a grid of doubles, its rows divided into strips as in Cilk's heat.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "program.hpp"

namespace workload {

/// Rows of a strip: what a task has at least to do.
constexpr std::size_t strip_rows = 10;

class problem {
 public:
  /// --size: rows of the plate; --columns, --steps. The border stays at zero.
  explicit problem(bench::options& given)
      : rows_(size(given.required("size", 3, 1 << 20))),
        columns_(size(given.optional("columns", 1024, 3, 1 << 20))),
        steps_(given.optional("steps", 100, 1, 1'000'000)),
        row_wave_(wave(rows_)),
        column_wave_(wave(columns_)),
        now_(rows_ * columns_),
        next_(rows_ * columns_) {}

  void prepare() {
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t j = 0; j < columns_; ++j) now_[i * columns_ + j] = mode(i, j);
    }
  }

  [[nodiscard]] long steps() const { return steps_; }

  /// The rows that change.
  [[nodiscard]] std::size_t first_row() const { return 1; }
  [[nodiscard]] std::size_t last_row() const { return rows_ - 1; }

  /// One step of the rows [first, last).
  void advance(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
      const double* const above = &now_[(i - 1) * columns_];
      const double* const here = above + columns_;
      const double* const below = here + columns_;
      double* const to = &next_[i * columns_];
      for (std::size_t j = 1; j + 1 < columns_; ++j) {
        to[j] = here[j] + rate * (above[j] + below[j] + here[j - 1] + here[j + 1] - 4 * here[j]);
      }
    }
  }

  /// All rows have advanced.
  void finish_step() { std::swap(now_, next_); }

  /// The heat in the middle, in units of 1e-12.
  [[nodiscard]] long answer() const { return std::lround(now_[rows_ / 2 * columns_ + columns_ / 2] * 1e12); }

  // The start is an eigenvector of a step: each step multiplies the whole plate by the same number.
  void check(long answer) const {
    const auto spread = [](std::size_t count) { return 2 - 2 * std::cos(std::numbers::pi / double(count - 1)); };
    const double kept = std::pow(1 - rate * (spread(rows_) + spread(columns_)), double(steps_));
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t j = 0; j < columns_; ++j) {
        const double found = now_[i * columns_ + j];
        // Written so that NaN is wrong.
        if (!(std::abs(found - kept * mode(i, j)) < 1e-9)) {
          throw bench::wrong_answer("wrong answer: " + std::to_string(found) + " at row " + std::to_string(i) +
                                    ", column " + std::to_string(j) + "; expected " +
                                    std::to_string(kept * mode(i, j)));
        }
      }
    }
    bench::require_answer(answer, this->answer());
  }

 private:
  static constexpr double rate = 0.2;

  static std::size_t size(long value) { return static_cast<std::size_t>(value); }

  // Half a period of a sine, from border to border.
  static std::vector<double> wave(std::size_t count) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = std::sin(std::numbers::pi * double(i) / double(count - 1));
    return values;
  }

  [[nodiscard]] double mode(std::size_t row, std::size_t column) const { return row_wave_[row] * column_wave_[column]; }

  std::size_t rows_;
  std::size_t columns_;
  long steps_;
  std::vector<double> row_wave_;
  std::vector<double> column_wave_;
  std::vector<double> now_;
  std::vector<double> next_;
};

}  // namespace workload
