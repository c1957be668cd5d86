#include "serial_runtime.hpp"
#include "workload.hpp"

namespace {

void multiply(const workload::product& product) {
  if (product.is_leaf()) return product.compute();
  const auto [first, second, independent] = product.divide();
  multiply(first);
  multiply(second);
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::serial_runtime>(argc, argv, [](auto& problem) {
    multiply(problem.whole());
    return problem.answer();
  });
}
