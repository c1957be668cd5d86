// An arena with one thread that works in it, in two ways.
#pragma once

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>
#include <oneapi/tbb/task_scheduler_observer.h>

#include <thread>
#include <utility>

#include "one_worker/cpus.hpp"
#include "pin.hpp"

namespace bench {

/// A thread of the program's own stays in the arena: it waits for a task group that an unused handle keeps open. All
/// slots (the least are two) are kept for such threads, and TBB's own stay out.
class dedicated_tbb_worker {
 public:
  explicit dedicated_tbb_worker(int cpu = worker_cpu)
      : stay_(residents_.defer([] {})), thread_([this, cpu] {
          pin_this_thread(cpu);
          arena_.execute([this] { residents_.wait(); });
        }) {}
  dedicated_tbb_worker(const dedicated_tbb_worker&) = delete;
  dedicated_tbb_worker& operator=(const dedicated_tbb_worker&) = delete;
  ~dedicated_tbb_worker() {
    stay_ = {};
    thread_.join();
  }

  template <class F>
  void post(F&& f) {
    arena_.enqueue(std::forward<F>(f));
  }

 private:
  tbb::task_arena arena_{2, 2};
  tbb::task_group residents_;
  tbb::task_handle stay_;
  std::thread thread_;
};

/// The usual way: TBB's thread, which an observer pins as it comes into the arena. No slot is kept for a thread that
/// waits in the arena: nobody does.
class observed_tbb_worker {
 public:
  explicit observed_tbb_worker(int cpu = worker_cpu) : observer_(arena_, cpu) {}

  template <class F>
  void post(F&& f) {
    arena_.enqueue(std::forward<F>(f));
  }

 private:
  class pinning : public tbb::task_scheduler_observer {
   public:
    pinning(tbb::task_arena& arena, int cpu) : task_scheduler_observer(arena), cpu_(cpu) { observe(true); }
    pinning(const pinning&) = delete;
    pinning& operator=(const pinning&) = delete;
    ~pinning() override { observe(false); }

    void on_scheduler_entry(bool) override { pin_this_thread(cpu_); }

   private:
    int cpu_;
  };

  tbb::global_control parallelism_{tbb::global_control::max_allowed_parallelism, 2};
  tbb::task_arena arena_{1, 0};
  pinning observer_;
};

}  // namespace bench
