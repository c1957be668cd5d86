// A single producer: one task starts all others, which are short and alike. The rate at which it starts them bounds how
// many workers it can feed.
#pragma once

#include <atomic>
#include <chrono>

#include "program.hpp"

namespace workload {

class problem {
 public:
  /// --size: tasks. --task-us: how long each takes.
  explicit problem(bench::options& given)
      : tasks_(given.required("size", 1, 100'000'000)), duration_(given.optional("task-us", 10, 0, 1'000'000)) {}

  void prepare() { ran_ = 0; }

  [[nodiscard]] long tasks() const { return tasks_; }

  /// A task. Any thread.
  void consume() {
    bench::spin_for(duration_);
    ran_.fetch_add(1, std::memory_order_relaxed);
  }

  /// After all tasks have run.
  [[nodiscard]] long answer() const { return ran_; }

  void check(long answer) const { bench::require_answer(answer, tasks_); }

 private:
  long tasks_;
  std::chrono::microseconds duration_;
  std::atomic<long> ran_ = 0;
};

}  // namespace workload
