#include "serial_runtime.hpp"
#include "workload.hpp"

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::serial_runtime>(argc, argv, [](auto& problem) {
    for (long step = 0; step < problem.steps(); ++step) {
      problem.advance(problem.first_row(), problem.last_row());
      problem.finish_step();
    }
    return problem.answer();
  });
}
