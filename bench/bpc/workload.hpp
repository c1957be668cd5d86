// Bouncing producer and consumer: a producer starts the next producer and then many short consumers, so that whoever
// steals the oldest task becomes the producer.
#pragma once

#include <atomic>
#include <chrono>

#include "program.hpp"

namespace workload {

class problem {
 public:
  /// --size: producers, one after the other. --width: consumers of each. --task-us: how long a consumer takes.
  explicit problem(bench::options& given)
      : depth_(given.required("size", 1, 1'000'000)),
        width_(given.optional("width", 999, 1, 1'000'000)),
        duration_(given.optional("task-us", 1, 0, 1'000'000)) {}

  void prepare() { ran_ = 0; }

  [[nodiscard]] long depth() const { return depth_; }
  [[nodiscard]] long width() const { return width_; }

  /// A consumer. Any thread.
  void consume() {
    bench::spin_for(duration_);
    ran_.fetch_add(1, std::memory_order_relaxed);
  }

  /// After all tasks have run.
  [[nodiscard]] long answer() const { return ran_; }

  void check(long answer) const { bench::require_answer(answer, depth_ * width_); }

 private:
  long depth_;
  long width_;
  std::chrono::microseconds duration_;
  std::atomic<long> ran_ = 0;
};

}  // namespace workload
