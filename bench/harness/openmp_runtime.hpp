// A parallel region in which one thread starts the work and all of them take its tasks.
#pragma once

namespace bench {

class openmp_runtime {
 public:
  explicit openmp_runtime(long workers) : workers_(static_cast<int>(workers)) {}

  template <class F>
  long run(F f) {
    long answer = 0;
#pragma omp parallel num_threads(workers_) default(none) shared(answer, f)
#pragma omp single
    answer = f();
    return answer;
  }

 private:
  int workers_;
};

}  // namespace bench
