#include <array>
#include <numeric>

#include "openmp_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::children;

long skynet(long first, long leaves) {
  if (leaves == 1) return first;
  const long share = leaves / children;
  std::array<long, children> sums;
  for (std::size_t i = 0; i < children - 1; ++i, first += share) {
#pragma omp task untied default(none) shared(sums) firstprivate(i, first, share)
    sums[i] = skynet(first, share);
  }
  sums.back() = skynet(first, share);
#pragma omp taskwait
  return std::reduce(sums.begin(), sums.end());
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::openmp_runtime>(
      argc, argv, [](const auto& problem) { return skynet(0, problem.leaves); });
}
