// A thread outside of the pool posts a task to a worker: how long it waits until it runs, when tasks come one right
// after the other and when the worker had time to fall asleep in between.
#pragma once

#include <atomic>
#include <chrono>
#include <utility>
#include <vector>

#include "one_worker/cpus.hpp"
#include "pin.hpp"
#include "program.hpp"
#include "quantiles.hpp"

namespace workload {

/// `Worker()` starts a thread on worker_cpu; post(f) is called on the main thread only, and `f` stays until it has run.
template <class Worker>
class posting {
 public:
  /// --size: posts with the longest gap; with the shorter ones there are five times as many.
  posting(bench::options& given, long workers) : posts_(given.required("size", 1, 1'000'000)) {
    if (workers != 1) throw bench::usage_error("--workers: there is 1");
    bench::pin_this_thread(bench::producer_cpu(0));
  }

  // The gaps take long and teach the worker nothing.
  void warm_up() { latencies_of(5 * posts_, std::chrono::microseconds(0)); }

  bench::outcome measure() {
    using namespace std::chrono_literals;
    ran_ = 0;
    std::vector<bench::figure> figures;
    add(figures, latencies_of(5 * posts_, 0us), "p50_every_0_us", "p99_every_0_us", "p99.9_every_0_us");
    add(figures, latencies_of(5 * posts_, 50us), "p50_every_50_us", "p99_every_50_us", "p99.9_every_50_us");
    add(figures, latencies_of(posts_, 1000us), "p50_every_1000_us", "p99_every_1000_us", "p99.9_every_1000_us");
    const long answer = ran_;
    bench::require_answer(answer, 11 * posts_);
    return {answer, figures};
  }

 private:
  static void add(std::vector<bench::figure>& figures, const bench::quantiles& latencies, const char* median,
                  const char* p99, const char* p99_9) {
    figures.push_back({median, latencies.per_mille(500)});
    figures.push_back({p99, latencies.per_mille(990)});
    figures.push_back({p99_9, latencies.per_mille(999)});
  }

  bench::quantiles latencies_of(long posts, std::chrono::microseconds gap) {
    std::vector<double> latencies;
    for (long i = 0; i < posts; ++i) {
      bench::spin_for(gap);
      latencies.push_back(latency_ns());
    }
    return bench::quantiles(std::move(latencies));
  }

  // From before the call of post() to the task's first instruction. The main thread spins until then: it has a
  // processor of its own and is not what is measured. Its acquire pairs with the task's release.
  double latency_ns() {
    const long before = ran_.load(std::memory_order_relaxed);
    bench::clock::time_point started;
    const auto posted = bench::clock::now();
    auto task = [this, &started] {
      started = bench::clock::now();
      ran_.fetch_add(1, std::memory_order_release);
    };
    worker_.post(task);
    while (ran_.load(std::memory_order_acquire) == before) bench::pause();
    return std::chrono::duration<double, std::nano>(started - posted).count();
  }

  long posts_;
  std::atomic<long> ran_ = 0;
  Worker worker_;
};

}  // namespace workload
