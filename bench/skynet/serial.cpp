#include "serial_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::children;

long skynet(long first, long leaves) {
  if (leaves == 1) return first;
  const long share = leaves / children;
  long sum = 0;
  for (long i = 0; i < children; ++i) sum += skynet(first + i * share, share);
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::serial_runtime>(
      argc, argv, [](const auto& problem) { return skynet(0, problem.leaves); });
}
