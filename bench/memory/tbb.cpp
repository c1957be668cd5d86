#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <utility>

#include "counted.hpp"

namespace {

// No slot is kept for a thread that waits in the arena: nobody does.
class arena {
 public:
  template <class F>
  void post(F&& f) {
    arena_.enqueue(std::forward<F>(f));
  }

 private:
  tbb::global_control parallelism_{tbb::global_control::max_allowed_parallelism, workload::workers + 1};
  tbb::task_arena arena_{workload::workers, 0};
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<workload::footprint<workload::counted<arena>>>(argc, argv); }
