// The pool of native.toml, asio.toml or tbb.toml.
#pragma once

#include <suite/topology.hpp>
#include <utility>

namespace bench {

class pinfold_worker {
 public:
  template <class F>
  void post(F&& f) {
    using namespace boost::hana::literals;
    suite::topology["worker"_s].post(std::forward<F>(f));
  }

 private:
  pinfold::running_topology running_ = suite::topology.start();
};

}  // namespace bench
