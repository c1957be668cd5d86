// A tree of a given depth and breadth whose leaves are counted; each child but the last is a task. Like skynet, with
// nothing to hand down but the depth.
#pragma once

#include <array>
#include <cstddef>

#include "program.hpp"

namespace workload {

constexpr std::size_t max_breadth = 16;

struct problem {
  /// --size: depth. --breadth: children of a node.
  explicit problem(bench::options& given)
      : depth(given.required("size", 0, 12)), breadth(given.optional("breadth", 8, 1, max_breadth)) {}

  void check(long answer) const {
    long leaves = 1;
    for (long i = 0; i < depth; ++i) leaves *= breadth;
    bench::require_answer(answer, leaves);
  }

  long depth;
  long breadth;
};

}  // namespace workload
