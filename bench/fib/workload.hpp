// The naive recursion, one task a call: nothing but the price of a fork and its join.
#pragma once

#include <utility>

#include "program.hpp"

namespace workload {

struct problem {
  explicit problem(bench::options& given) : n(given.required("size", 0, 90)) {}

  void check(long answer) const {
    long here = 0;
    long next = 1;
    for (long i = 0; i < n; ++i) here = std::exchange(next, here + next);
    bench::require_answer(answer, here);
  }

  long n;
};

}  // namespace workload
