#include "pinfold_runtime.hpp"
#include "workload.hpp"

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::pinfold_runtime>(argc, argv, [](auto& problem) {
    for (long step = 0; step < problem.steps(); ++step) {
      pinfold::parallel_for(problem.first_row(), problem.last_row(), {.grain = workload::strip_rows},
                            [&problem](std::size_t first, std::size_t last) { problem.advance(first, last); });
      problem.finish_step();
    }
    return problem.answer();
  });
}
