// One thread waits until another says "done", and keeps its own pool alive meanwhile.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace pinfold::detail {

class pool_core;

/// One-shot. Lives on the waiter's stack: set() does not touch it after the waiter can see it.
///
/// A worker of a pool waits as its pool's kind does, which sets it too: it runs what is directed to it, and where the
/// kind allows it (tbb, native) the pool's other tasks, so two pools that wait for each other go on. Every other thread
/// sleeps.
/// States: unset -> set, once. For workers `is_set` is guarded by their kind's own protocol, else by the event's mutex,
/// which the setter leaves last and the waiter takes before it returns; so the event outlives the setter.
class event {
 public:
  /// The thread that will wait constructs it.
  event() noexcept;
  event(const event&) = delete;
  event& operator=(const event&) = delete;

  void set() noexcept;
  void wait() noexcept;

  std::atomic<bool> is_set{false};  ///< for the kinds of pools

 private:
  pool_core* const pool_;  // of the worker that waits, or nullptr
  const std::size_t index_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace pinfold::detail
