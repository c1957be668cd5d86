// Also built as pinfold_spin and pinfold_busy, with another `idle` in the pool's table.
#include <suite/topology.hpp>
#include <utility>

#include "workload.hpp"

namespace {

class pinfold_pool {
 public:
  explicit pinfold_pool(long workers) {
    if (workers != 1) throw bench::usage_error("--workers: the pool has 1");
  }

  template <class F>
  void post(F&& f) {
    suite::native_pools::one.post(std::forward<F>(f));
  }

 private:
  pinfold::running_topology running_ = suite::topology.start();
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<workload::posting<pinfold_pool>>(argc, argv); }
