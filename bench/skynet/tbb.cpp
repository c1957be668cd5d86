#include <oneapi/tbb/task_group.h>

#include <array>
#include <numeric>

#include "tbb_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::children;

long skynet(long first, long leaves) {
  if (leaves == 1) return first;
  const long share = leaves / children;
  std::array<long, children> sums;
  tbb::task_group group;
  for (std::size_t i = 0; i < children - 1; ++i, first += share) {
    group.run([&sum = sums[i], first, share] { sum = skynet(first, share); });
  }
  sums.back() = skynet(first, share);
  group.wait();
  return std::reduce(sums.begin(), sums.end());
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::tbb_runtime>(
      argc, argv, [](const auto& problem) { return skynet(0, problem.leaves); });
}
