#include <cstddef>
#include <suite/topology.hpp>
#include <utility>

#include "allocation/counting_allocator.hpp"
#include "workload.hpp"

namespace {

using namespace boost::hana::literals;

class bridge {
 public:
  static std::size_t allocations_so_far() { return pinfold_test::allocations_so_far(); }

  auto get_executor() { return suite::topology["io"_s].get_executor(); }

  template <class F, class Token>
  auto async_compute(F f, Token&& token) {
    return suite::topology["compute"_s].async_invoke(std::move(f), std::forward<Token>(token));
  }

 private:
  pinfold::running_topology running_ = suite::topology.start();
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<workload::crossing<bridge>>(argc, argv); }
