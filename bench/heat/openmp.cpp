#include "openmp_runtime.hpp"
#include "workload.hpp"

namespace {

using workload::strip_rows;

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::openmp_runtime>(argc, argv, [](auto& problem) {
    for (long step = 0; step < problem.steps(); ++step) {
#pragma omp taskloop untied grainsize(1) default(none) shared(problem)
      for (std::size_t first = problem.first_row(); first < problem.last_row(); first += strip_rows) {
        problem.advance(first, std::min(first + strip_rows, problem.last_row()));
      }
      problem.finish_step();
    }
    return problem.answer();
  });
}
