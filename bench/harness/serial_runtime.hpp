// The program without any runtime: what a contender's threads have to make up for.
#pragma once

#include "options.hpp"

namespace bench {

struct serial_runtime {
  explicit serial_runtime(long workers) {
    if (workers != 1) throw usage_error("--workers: a serial program has 1");
  }

  template <class F>
  auto run(F f) {
    return f();
  }
};

}  // namespace bench
