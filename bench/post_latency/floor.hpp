// The floor: a thread and a place for a single task. No queue, no admission, no second worker.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "clock.hpp"
#include "one_worker/cpus.hpp"
#include "pin.hpp"

namespace workload {

/// `Sleeps`: on a futex; else the thread looks at the same word again and again.
template <bool Sleeps>
class single_task {
 public:
  single_task() = default;
  single_task(const single_task&) = delete;
  single_task& operator=(const single_task&) = delete;
  ~single_task() {
    run_ = nullptr;
    publish();
    thread_.join();
  }

  template <class F>
  void post(F& f) {
    run_ = [](void* task) { (*static_cast<F*>(task))(); };
    task_ = &f;
    publish();
  }

 private:
  // Pairs with the acquire in serve().
  void publish() {
    posted_.fetch_add(1, std::memory_order_release);
    if constexpr (Sleeps) futex(FUTEX_WAKE_PRIVATE, 1);
  }

  void serve() {
    bench::pin_this_thread(bench::worker_cpu);
    for (std::uint32_t served = 0;; ++served) {
      while (posted_.load(std::memory_order_acquire) == served) {
        if constexpr (Sleeps) {
          futex(FUTEX_WAIT_PRIVATE, served);
        } else {
          bench::pause();
        }
      }
      if (run_ == nullptr) return;
      run_(task_);
    }
  }

  void futex(int operation, std::uint32_t value) {
    static_assert(sizeof posted_ == sizeof(std::uint32_t));
    syscall(SYS_futex, &posted_, operation, value, nullptr, nullptr, 0);
  }

  void (*run_)(void*) = nullptr;
  void* task_ = nullptr;
  alignas(64) std::atomic<std::uint32_t> posted_{0};
  std::thread thread_{[this] { serve(); }};
};

}  // namespace workload
