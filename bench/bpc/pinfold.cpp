#include "pinfold_runtime.hpp"
#include "workload.hpp"

namespace {

using pinfold::task_scope;
using workload::problem;

void produce(task_scope& scope, problem& problem, long depth) {
  if (depth == 0) return;
  scope.spawn([&problem, depth](task_scope& inner) { produce(inner, problem, depth - 1); });
  for (long i = 0; i < problem.width(); ++i) scope.spawn([&problem] { problem.consume(); });
}

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::pinfold_runtime>(argc, argv, [](auto& problem) {
    pinfold::scope([&problem](task_scope& scope) { produce(scope, problem, problem.depth()); });
    return problem.answer();
  });
}
