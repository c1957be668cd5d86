// By how much a process grows as a pool starts and every worker has run a task, and once it has run many.
#pragma once

#include <atomic>
#include <string>

#include "anonymous_memory.hpp"
#include "program.hpp"

namespace workload {

inline constexpr long workers = 16;

/// `Pool()` starts the threads. use_all_threads() returns when each has run something, post(f) is asynchronous, and
/// wait() returns when all that was posted has run.
template <class Pool>
class footprint {
 public:
  /// --size: tasks that are posted, as fast as one thread can.
  footprint(bench::options& given, long asked) : tasks_(given.required("size", 1, 100'000'000)) {
    if (asked != workers) throw bench::usage_error("--workers: the pool has " + std::to_string(workers));
  }

  // Memory that was warmed up is not new.
  void warm_up() {}

  bench::outcome measure() {
    const long before = anonymous_kib();
    Pool pool;
    pool.use_all_threads();
    const long started = anonymous_kib();
    for (long task = 0; task < tasks_; ++task) pool.post([this] { ran_.fetch_add(1, std::memory_order_relaxed); });
    pool.wait();
    const long worked = anonymous_kib();
    const long answer = ran_.exchange(0);
    bench::require_answer(answer, tasks_);
    return {answer,
            {{"started_kib_a_worker", a_worker(started - before)}, {"worked_kib_a_worker", a_worker(worked - before)}}};
  }

 private:
  static double a_worker(long of_all) { return static_cast<double>(of_all) / static_cast<double>(workers); }

  long tasks_;
  std::atomic<long> ran_ = 0;
};

}  // namespace workload
