#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include "tbb_runtime.hpp"
#include "workload.hpp"

namespace {

using rows = tbb::blocked_range<std::size_t>;

}  // namespace

int main(int argc, char** argv) {
  return bench::run<workload::problem, bench::tbb_runtime>(argc, argv, [](auto& problem) {
    for (long step = 0; step < problem.steps(); ++step) {
      tbb::parallel_for(rows(problem.first_row(), problem.last_row(), workload::strip_rows),
                        [&problem](const rows& strip) { problem.advance(strip.begin(), strip.end()); });
      problem.finish_step();
    }
    return problem.answer();
  });
}
