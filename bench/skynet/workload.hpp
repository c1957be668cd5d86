// A tree with ten children a node. A leaf returns its number, every node the sum of its children, each but the last of
// which is a task: tasks that do nothing, in groups.
#pragma once

#include "program.hpp"

namespace workload {

constexpr long children = 10;

struct problem {
  /// --size: leaves, a power of ten.
  explicit problem(bench::options& given) : leaves(given.required("size", 1, 1'000'000'000)) {
    long power = 1;
    while (power < leaves) power *= children;
    if (power != leaves) throw bench::usage_error("--size takes a power of ten");
  }

  void check(long answer) const { bench::require_answer(answer, leaves * (leaves - 1) / 2); }

  long leaves;
};

}  // namespace workload
