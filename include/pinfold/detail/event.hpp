// One thread waits until another says "done", and keeps its own pool alive meanwhile.
#pragma once

#include <condition_variable>
#include <mutex>

namespace pinfold::detail {

class task_queue;

/// One-shot. Lives on the waiter's stack: set() does not touch it after the waiter can see it.
///
/// A worker of a pool waits through its pool's queue: it runs what is directed to it, and where the pool's kind allows
/// it (tbb, native) the pool's other tasks, so two pools that wait for each other go on. Every other thread sleeps.
/// States: unset -> set, once. `set_` is guarded by the waiter's mutex: the queue's for workers, the event's own else.
/// The setter leaves that mutex last, and the waiter takes it before it returns; so the event outlives the setter.
class event {
 public:
  /// The thread that will wait constructs it.
  event() noexcept;
  event(const event&) = delete;
  event& operator=(const event&) = delete;

  void set() noexcept;
  void wait() noexcept;

 private:
  friend class task_queue;

  task_queue* const queue_;  // of the waiter's pool, or nullptr
  bool set_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace pinfold::detail
