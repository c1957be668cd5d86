#include "pinfold_runtime.hpp"
#include "workload.hpp"

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::pinfold_runtime>(argc, argv, [](auto& problem) {
    pinfold::scope([&problem](pinfold::task_scope& scope) {
      for (long i = 0; i < problem.tasks(); ++i) scope.spawn([&problem] { problem.consume(); });
    });
    return problem.answer();
  });
}
