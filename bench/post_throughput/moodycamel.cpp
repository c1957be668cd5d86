// The floor: a queue, and one thread that asks it again and again. Tasks are copied into the queue's own blocks.
#include <concurrentqueue/concurrentqueue.h>

#include <atomic>
#include <cstddef>
#include <cstring>
#include <thread>
#include <type_traits>

#include "clock.hpp"
#include "one_worker/cpus.hpp"
#include "pin.hpp"
#include "workload.hpp"

namespace {

class polled_queue {
 public:
  polled_queue() = default;
  polled_queue(const polled_queue&) = delete;
  polled_queue& operator=(const polled_queue&) = delete;
  ~polled_queue() {
    closing_ = true;
    thread_.join();
  }

  template <class F>
  void post(const F& f) {
    static_assert(std::is_trivially_copyable_v<F> && sizeof(F) <= sizeof(task::captures));
    task item{.run = [](void* captures) { (*static_cast<F*>(captures))(); }, .captures = {}};
    std::memcpy(item.captures, &f, sizeof f);
    queue_.enqueue(item);
  }

 private:
  struct task {
    void (*run)(void*);
    alignas(void*) std::byte captures[sizeof(void*)];
  };

  void serve() {
    bench::pin_this_thread(bench::worker_cpu);
    task item;
    while (!closing_.load(std::memory_order_relaxed)) {
      if (queue_.try_dequeue(item)) {
        item.run(item.captures);
      } else {
        bench::pause();
      }
    }
  }

  moodycamel::ConcurrentQueue<task> queue_;
  std::atomic<bool> closing_ = false;
  std::thread thread_{[this] { serve(); }};
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<workload::flooding<polled_queue>>(argc, argv); }
