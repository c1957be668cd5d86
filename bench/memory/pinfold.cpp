#include <suite/topology.hpp>
#include <utility>

#include "workload.hpp"

namespace {

using namespace boost::hana::literals;

class pool_of_topology {
  static auto& pool() { return suite::topology["many"_s]; }

 public:
  void use_all_threads() {
    pool().broadcast([] {});
  }

  template <class F>
  void post(F&& f) {
    pool().post(std::forward<F>(f));
  }

  void wait() { pool().wait_idle(); }

 private:
  pinfold::running_topology running_ = suite::topology.start();
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<workload::footprint<pool_of_topology>>(argc, argv); }
