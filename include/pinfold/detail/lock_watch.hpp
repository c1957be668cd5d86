// The parts of a checked_mutex, of checked builds and of others.
#pragma once

#include <string_view>

#include <pinfold/detail/call_site.hpp>

#if PINFOLD_CHECKED
#include <atomic>

#include <pinfold/detail/held_locks.hpp>
#else
#include <mutex>
#endif

namespace pinfold::detail {

#if PINFOLD_CHECKED

/// Not a std::mutex: a program that is told of an unlock on the wrong thread goes on all the same, by the rules.
class lock_flag {
 public:
  void lock() noexcept {
    while (!try_lock()) locked_.wait(true, std::memory_order_relaxed);
  }
  bool try_lock() noexcept { return !locked_.exchange(true, std::memory_order_acquire); }
  void unlock() noexcept {
    locked_.store(false, std::memory_order_release);
    locked_.notify_one();
  }

 private:
  std::atomic<bool> locked_{false};
};

using lock_watch = watched_lock;

#else

using lock_flag = std::mutex;

struct lock_watch {
  constexpr lock_watch(std::string_view, call_site) noexcept {}
  constexpr void locked(call_site) noexcept {}
  constexpr void unlocking(call_site) noexcept {}
};

#endif

}  // namespace pinfold::detail
