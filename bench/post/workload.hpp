// A thread outside of the pool posts tasks to a worker: how long each waits until it runs, when they come at once and
// when the worker had time to fall asleep in between, and how many can be posted and run in a second.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <vector>

#include "program.hpp"

namespace workload {

using microseconds = std::chrono::duration<double, std::micro>;

/// `Pool(workers)` starts the threads; post(f) is called on the main thread only.
template <class Pool>
class posting {
 public:
  /// --size: posts of each latency; 50 times as many are timed together.
  posting(bench::options& given, long workers) : posts_(given.required("size", 1, 1'000'000)), pool_(workers) {}

  bench::outcome measure() {
    using namespace std::chrono_literals;
    ran_ = 0;
    std::vector<bench::figure> figures;
    add_latencies(figures, 0us, "p50_every_0_us", "p99_every_0_us");
    add_latencies(figures, 50us, "p50_every_50_us", "p99_every_50_us");
    add_latencies(figures, 1000us, "p50_every_1000_us", "p99_every_1000_us");
    const long burst = 50 * posts_;
    figures.push_back({"posts_per_second", static_cast<double>(burst) / seconds_of_burst(burst)});

    const long answer = ran_;
    bench::require_answer(answer, 3 * posts_ + burst);
    return {answer, figures};
  }

 private:
  void add_latencies(std::vector<bench::figure>& figures, std::chrono::microseconds gap, const char* median,
                     const char* p99) {
    std::vector<double> latencies;
    for (long i = 0; i < posts_; ++i) {
      bench::spin_for(gap);
      latencies.push_back(latency().count());
    }
    std::sort(latencies.begin(), latencies.end());
    figures.push_back({median, latencies[latencies.size() / 2]});
    figures.push_back({p99, latencies[latencies.size() * 99 / 100]});
  }

  // From before the call of post() to the task's first instruction.
  microseconds latency() {
    const long before = ran_.load(std::memory_order_relaxed);
    bench::clock::time_point started;
    const auto posted = bench::clock::now();
    pool_.post([this, &started] {
      started = bench::clock::now();
      ran_.fetch_add(1, std::memory_order_release);
    });
    wait_for(before + 1);
    return started - posted;
  }

  double seconds_of_burst(long tasks) {
    const long before = ran_.load(std::memory_order_relaxed);
    const auto start = bench::clock::now();
    for (long i = 0; i < tasks; ++i) {
      pool_.post([this] { ran_.fetch_add(1, std::memory_order_release); });
    }
    wait_for(before + tasks);
    return bench::seconds_since(start);
  }

  // Spins: the poster has a core, and is not what is measured. The acquire pairs with the tasks' releases.
  void wait_for(long tasks) const {
    while (ran_.load(std::memory_order_acquire) < tasks) {
    }
  }

  long posts_;
  std::atomic<long> ran_ = 0;
  Pool pool_;
};

}  // namespace workload
