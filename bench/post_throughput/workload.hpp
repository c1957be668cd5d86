// One thread outside of the pool, then two, post tasks of a few instructions to a worker as fast as they can.
#pragma once

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "one_worker/cpus.hpp"
#include "pin.hpp"
#include "program.hpp"

namespace workload {

/// `Worker()` starts a thread on worker_cpu; post(f) is called by any thread.
template <class Worker>
class flooding {
 public:
  /// --size: tasks that are timed together.
  flooding(bench::options& given, long workers) : tasks_(given.required("size", 2, 100'000'000) / 2 * 2) {
    if (workers != 1) throw bench::usage_error("--workers: there is 1");
  }

  bench::outcome measure() {
    ran_ = 0;
    const double one = ns_per_task(1);
    const double two = ns_per_task(2);
    const long answer = ran_;
    bench::require_answer(answer, 2 * tasks_);
    return {answer, {{"ns_per_task_1_producer", one}, {"ns_per_task_2_producers", two}}};
  }

 private:
  // Until the last task has run.
  double ns_per_task(int producers) {
    const long before = ran_.load();
    std::latch ready(producers);
    std::latch begin(1);
    std::vector<std::jthread> threads;
    for (int i = 0; i < producers; ++i) {
      threads.emplace_back([this, i, producers, &ready, &begin] {
        bench::pin_this_thread(bench::producer_cpu(i));
        ready.count_down();
        begin.wait();
        for (long task = 0; task < tasks_ / producers; ++task) post_one();
      });
    }
    ready.wait();
    const auto start = bench::clock::now();
    begin.count_down();
    threads.clear();
    while (ran_.load(std::memory_order_acquire) < before + tasks_) bench::pause();
    return bench::seconds_since(start) * 1e9 / static_cast<double>(tasks_);
  }

  // There is one worker, so counting needs no read-modify-write.
  void post_one() {
    worker_.post([this] { ran_.store(ran_.load(std::memory_order_relaxed) + 1, std::memory_order_release); });
  }

  long tasks_;
  std::atomic<long> ran_ = 0;
  Worker worker_;
};

}  // namespace workload
