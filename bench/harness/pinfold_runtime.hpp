// The suite's topology, and the pool of it that has so many workers.
#pragma once

#include <suite/topology.hpp>

#include "options.hpp"

namespace bench {

class pinfold_runtime {
 public:
  explicit pinfold_runtime(long workers) : workers_(workers) {
    if (workers > 2) throw usage_error("--workers: the suite's topology has pools of 1 and of 2");
  }

  template <class F>
  auto run(F f) {
    return workers_ == 1 ? suite::native_pools::one.install(f) : suite::native_pools::two.install(f);
  }

 private:
  long workers_;
  pinfold::running_topology running_ = suite::topology.start();
};

}  // namespace bench
