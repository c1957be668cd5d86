// C = A B for square matrices of floats, by halving the largest side until a block fits the first-level cache.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <vector>

#include "program.hpp"

namespace workload {

constexpr int leaf_side = 64;

/// c += a b for blocks of rows x depth, depth x columns and rows x columns floats, whose rows are `stride` apart.
struct product {
  struct halves;

  [[nodiscard]] bool is_leaf() const { return rows <= leaf_side && columns <= leaf_side && depth <= leaf_side; }
  [[nodiscard]] halves divide() const;
  void compute() const;

  float* c;
  const float* a;
  const float* b;
  int rows;
  int columns;
  int depth;
  int stride;
};

struct product::halves {
  product first;
  product second;
  bool independent;  ///< else both add to the same c, and the second has to wait for the first
};

inline product::halves product::divide() const {
  halves parts{*this, *this, true};
  if (rows >= columns && rows >= depth) {
    parts.first.rows = rows / 2;
    parts.second.rows = rows - rows / 2;
    parts.second.a += static_cast<std::ptrdiff_t>(rows / 2) * stride;
    parts.second.c += static_cast<std::ptrdiff_t>(rows / 2) * stride;
  } else if (columns >= depth) {
    parts.first.columns = columns / 2;
    parts.second.columns = columns - columns / 2;
    parts.second.b += columns / 2;
    parts.second.c += columns / 2;
  } else {
    parts.first.depth = depth / 2;
    parts.second.depth = depth - depth / 2;
    parts.second.a += depth / 2;
    parts.second.b += static_cast<std::ptrdiff_t>(depth / 2) * stride;
    parts.independent = false;
  }
  return parts;
}

// Tiles of c that stay in registers: 4 rows of 32 floats. Sides are multiples of both, see problem.
inline void product::compute() const {
  constexpr int tile_rows = 4;
  constexpr int tile_columns = 32;
  for (int i = 0; i < rows; i += tile_rows) {
    for (int j = 0; j < columns; j += tile_columns) {
      std::array<std::array<float, tile_columns>, tile_rows> tile{};
      for (int k = 0; k < depth; ++k) {
        const float* const from = b + static_cast<std::ptrdiff_t>(k) * stride + j;
        for (int row = 0; row < tile_rows; ++row) {
          const float factor = a[static_cast<std::ptrdiff_t>(i + row) * stride + k];
          for (int column = 0; column < tile_columns; ++column) tile[row][column] += factor * from[column];
        }
      }
      for (int row = 0; row < tile_rows; ++row) {
        float* const to = c + static_cast<std::ptrdiff_t>(i + row) * stride + j;
        for (int column = 0; column < tile_columns; ++column) to[column] += tile[row][column];
      }
    }
  }
}

class problem {
 public:
  /// --size: the side, a power of two.
  explicit problem(bench::options& given) : side_(static_cast<int>(given.required("size", leaf_side, 16384))) {
    if (!std::has_single_bit(static_cast<unsigned>(side_))) throw bench::usage_error("--size takes a power of two");
    for (auto* matrix : {&a_, &b_, &c_}) matrix->resize(at(side_, 0));
    for (int i = 0; i < side_; ++i) {
      for (int j = 0; j < side_; ++j) {
        a_[at(i, j)] = static_cast<float>(i % 8 + j % 4);
        b_[at(i, j)] = static_cast<float>(i % 8 - j % 4);
      }
    }
  }

  void prepare() { std::fill(c_.begin(), c_.end(), 0.0F); }

  [[nodiscard]] product whole() { return {c_.data(), a_.data(), b_.data(), side_, side_, side_, stride()}; }

  /// The last element; check() looks at all.
  [[nodiscard]] long answer() const { return static_cast<long>(c_[at(side_ - 1, side_ - 1)]); }

  // The sums over k of (i % 8 + k % 4) (k % 8 - j % 4) are whole numbers below 2^24: floats hold them exactly.
  void check(long answer) const {
    long p = 0;
    long q = 0;
    long pq = 0;
    for (int k = 0; k < side_; ++k) {
      p += k % 4;
      q += k % 8;
      pq += (k % 4) * (k % 8);
    }
    for (int i = 0; i < side_; ++i) {
      for (int j = 0; j < side_; ++j) {
        const long expected = (i % 8) * q - static_cast<long>(side_) * (i % 8) * (j % 4) + pq - (j % 4) * p;
        bench::require_answer(static_cast<long>(c_[at(i, j)]), expected);
      }
    }
    bench::require_answer(answer, this->answer());
  }

 private:
  // A row more than a power of two long: else the rows of a block would share the few cache sets of one page offset.
  [[nodiscard]] int stride() const { return side_ + 16; }

  [[nodiscard]] std::size_t at(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(stride()) + static_cast<std::size_t>(column);
  }

  int side_;
  std::vector<float> a_;
  std::vector<float> b_;
  std::vector<float> c_;
};

}  // namespace workload
