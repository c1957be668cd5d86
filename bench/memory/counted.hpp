// What the pools lack that do not know when they are idle: a count of what they have run, and tasks that meet.
#pragma once

#include <atomic>
#include <latch>
#include <thread>

#include "workload.hpp"

namespace workload {

/// `Threads()` starts threads that run what post(f) is given.
template <class Threads>
class counted {
 public:
  // Tasks that wait for each other need a thread each.
  void use_all_threads() {
    std::latch all(workers);
    for (long i = 0; i < workers; ++i) {
      post([&all] { all.arrive_and_wait(); });
    }
    wait();
  }

  template <class F>
  void post(F f) {
    ++posted_;
    threads_.post([this, f] {
      f();
      ended_.fetch_add(1, std::memory_order_release);
    });
  }

  void wait() const {
    while (ended_.load(std::memory_order_acquire) != posted_) std::this_thread::yield();
  }

 private:
  long posted_ = 0;
  std::atomic<long> ended_ = 0;
  Threads threads_;
};

}  // namespace workload
