// The checked_mutexes that the calling thread holds, in checked builds.
#pragma once

#include <atomic>
#include <cstdint>
#include <source_location>
#include <string_view>

namespace pinfold::detail {

class pool_core;

/// One mutex, as the list of the thread that holds it sees it. The lists are the threads' own and hold copies: nobody
/// looks into a lock that another thread may unlock and destroy. `owner_`, the number of the thread that locked it, is
/// written and read by who holds the mutex, wherever that is.
/// A thread that unlocks another's lock cannot take it off that list; it counts in `given_away` (of the lock's
/// address), and an entry whose count is another than when it was made is dropped. Of two locks that share a count one
/// may be dropped too early: then a warning is missed, in a program that was warned already.
class watched_lock {
 public:
  constexpr watched_lock(std::string_view name, const std::source_location& made) noexcept : name_(name), made_(made) {}
  watched_lock(const watched_lock&) = delete;
  watched_lock& operator=(const watched_lock&) = delete;

  /// By the thread that has locked it.
  void locked(const std::source_location& at) noexcept;
  /// By the thread that is about to unlock it. Warns where that is not the one that locked it.
  void unlocking(const std::source_location& at) noexcept;

 private:
  void warn_of_move(const std::source_location& unlocked) const noexcept;

  std::string_view name_;
  std::source_location made_;
  std::source_location locked_;
  std::atomic<std::uint64_t> owner_{0};
};

/// Warns, once a place and run, if the calling thread holds a lock: at `at` it makes a call of `pool` that waits, or
/// that starts an asynchronous operation.
void warn_of_held_locks(pool_core& pool, const char* call, const std::source_location& at) noexcept;

}  // namespace pinfold::detail
