// What runs at once on a thread of a pool as part of accepted work.
#pragma once

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/thread_context.hpp>

namespace pinfold::detail {

/// While it lives, what the calling thread of `pool` submits is part of accepted work, where `as` says so and the
/// pool's gate, which counts it, is not closed. An I/O handler that goes on with such work is no task itself; inside
/// tasks there is nothing to do.
class part_of_work {
 public:
  part_of_work(pool_core& pool, admission as) noexcept : pool_(pool) {
    if (as == admission::of_new_work || this_thread.task_depth != 0 || !pool.gate().enter(true, 0, holding::yes))
      return;
    ++this_thread.task_depth;
    counts_ = true;
  }
  part_of_work(const part_of_work&) = delete;
  part_of_work& operator=(const part_of_work&) = delete;
  ~part_of_work() {
    if (!counts_) return;
    --this_thread.task_depth;
    pool_.gate().let_go();
  }

 private:
  pool_core& pool_;
  bool counts_ = false;
};

}  // namespace pinfold::detail
