// tbb and tbb_observer.
#include "one_worker/tbb.hpp"

#include <type_traits>

#include "variant.hpp"
#include "workload.hpp"

int main(int argc, char** argv) {
  using worker =
      std::conditional_t<bench::has_variant("observer"), bench::observed_tbb_worker, bench::dedicated_tbb_worker>;
  return bench::repeat<workload::posting<worker>>(argc, argv);
}
