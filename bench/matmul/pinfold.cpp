#include "pinfold_runtime.hpp"
#include "workload.hpp"

namespace {

void multiply(const workload::product& product) {
  if (product.is_leaf()) return product.compute();
  const auto parts = product.divide();
  if (parts.independent) {
    auto first = pinfold::fork([part = parts.first] { multiply(part); });
    multiply(parts.second);
    first.join();
  } else {
    multiply(parts.first);
    multiply(parts.second);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::pinfold_runtime>(argc, argv, [](auto& problem) {
    multiply(problem.whole());
    return problem.answer();
  });
}
