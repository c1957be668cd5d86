// Unbalanced tree search (Olivier et al., UTS: An Unbalanced Tree Search Benchmark, 2006): counts the nodes of a tree
// that nobody can divide in advance, because a node's children are known only from its own random number.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "program.hpp"
#include "sha1.hpp"

namespace workload {

/// UTS cuts off what a node has beyond these.
constexpr std::size_t max_children = 100;

/// A node of the fixed geometric trees: above the last level the expected number of children is 4. Its state is the
/// SHA-1 of its parent's state and its number; T1 of the paper has 10 levels and starts at seed 19.
class node {
 public:
  static node root(int levels) {
    constexpr std::uint32_t seed = 19;
    return {sha1({0, 0, 0, 0, seed, end_mark, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5 * word_bits}), levels};
  }

  [[nodiscard]] node child(std::size_t number) const {
    const auto& [a, b, c, d, e] = state_;
    const auto word = static_cast<std::uint32_t>(number);
    return {sha1({a, b, c, d, e, word, end_mark, 0, 0, 0, 0, 0, 0, 0, 0, 6 * word_bits}), levels_ - 1};
  }

  [[nodiscard]] std::size_t children() const {
    constexpr double expected = 4;
    constexpr std::uint32_t positive = 0x7fffffff;
    if (levels_ == 0) return 0;
    const double random = static_cast<double>(state_[4] & positive) / (positive + 1.0);
    const double number = std::floor(std::log(1 - random) / std::log(1 - 1 / (1 + expected)));
    return std::min(static_cast<std::size_t>(number), max_children);
  }

 private:
  static constexpr std::uint32_t end_mark = 0x80000000;
  static constexpr std::uint32_t word_bits = 32;

  node(const sha1_digest& state, int levels) : state_(state), levels_(levels) {}

  sha1_digest state_;
  int levels_;  // below this one
};

struct problem {
  /// --size: levels below the root.
  explicit problem(bench::options& given) : levels(given.required("size", 1, 10)) {}

  [[nodiscard]] node root() const { return node::root(static_cast<int>(levels)); }

  // T1's number is published; the others are what this program found when it found that one.
  void check(long answer) const {
    constexpr std::array<long, 11> nodes{1, 6, 65, 254, 944, 3987, 16000, 63914, 257042, 1031269, 4130071};
    bench::require_answer(answer, nodes[static_cast<std::size_t>(levels)]);
  }

  long levels;
};

}  // namespace workload
