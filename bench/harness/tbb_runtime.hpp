// An arena with as many slots as workers; the calling thread has one of them, as TBB means it.
#pragma once

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <cstddef>

namespace bench {

class tbb_runtime {
 public:
  explicit tbb_runtime(long workers)
      : parallelism_(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(workers)),
        arena_(static_cast<int>(workers)) {}

  template <class F>
  auto run(F f) {
    return arena_.execute(f);
  }

 private:
  tbb::global_control parallelism_;
  tbb::task_arena arena_;
};

}  // namespace bench
