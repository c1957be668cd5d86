#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <cstddef>
#include <utility>

#include "workload.hpp"

namespace {

// No slot is kept for a thread that waits in the arena: nobody does, and workers get them all.
class tbb_pool {
 public:
  explicit tbb_pool(long workers)
      : parallelism_(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(workers) + 1),
        arena_(static_cast<int>(workers), 0) {}

  template <class F>
  void post(F&& f) {
    arena_.enqueue(std::forward<F>(f));
  }

 private:
  tbb::global_control parallelism_;
  tbb::task_arena arena_;
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<workload::posting<tbb_pool>>(argc, argv); }
