// The main() of a benchmark: measures again and again, and prints what each time gave.
#pragma once

#include <vector>

#include "answer.hpp"
#include "clock.hpp"
#include "options.hpp"
#include "report.hpp"

namespace bench {

/// The compiler has to believe that what `value` refers to is read and changed here. Without that it may hoist a pure
/// solution out of the loop over the repeats, or past the clock.
template <class T>
inline void opaque(T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

/// What one run found.
struct outcome {
  long answer;
  std::vector<figure> figures;
};

/// `Benchmark(options&, workers)` starts threads and makes input; measure() -> outcome is one run. The process's first
/// run is not reported: it touches memory and code for the first time, and wakes threads that have just started. Where
/// a run takes long by design, warm_up() stands in for it.
template <class Benchmark>
int repeat(int argc, char** argv) {
  return exit_status_of(argv[0], [&] {
    options given(argc, argv);
    const long workers = given.required("workers", 1, 1024);
    const long repeats = given.optional("repeat", 1, 1, 1'000'000);
    Benchmark benchmark(given, workers);
    given.reject_unknown();

    if constexpr (requires { benchmark.warm_up(); }) {
      benchmark.warm_up();
    } else {
      benchmark.measure();
    }
    for (long i = 0; i < repeats; ++i) {
      const outcome found = benchmark.measure();
      print_line(found.answer, found.figures);
    }
  });
}

/// How long `Solve` takes for a problem, inside a runtime.
template <class Problem, class Runtime, class Solve>
class timed {
 public:
  timed(options& given, long workers) : problem_(given), runtime_(workers) {}

  outcome measure() {
    if constexpr (requires { problem_.prepare(); }) problem_.prepare();
    opaque(problem_);
    const auto start = clock::now();
    long answer = runtime_.run([this] { return Solve()(problem_); });
    opaque(answer);
    const double seconds = seconds_since(start);
    problem_.check(answer);
    return {answer, {{"seconds", seconds}}};
  }

 private:
  Problem problem_;
  Runtime runtime_;
};

/// Times `solve(problem) -> long`.
///
/// `Problem(options&)` reads its size and makes its input, prepare() (where it has one) restores what solving changed,
/// and check(answer) throws wrong_answer. `Runtime(workers)` starts the threads; run(f) calls `f` there.
template <class Problem, class Runtime, class Solve>
int run(int argc, char** argv, Solve) {
  return repeat<timed<Problem, Runtime, Solve>>(argc, argv);
}

}  // namespace bench
