// A mutex whose holder is not kept from running by threads of lesser priority than those that wait for it.
#pragma once

#include <system_error>

#include <pinfold/detail/os.hpp>

namespace pinfold {

/// A mutex with priority inheritance, for what threads of `fifo` and `rr` pools share with others: while a thread of
/// higher priority waits, the holder runs at that priority. With a std::mutex a thread of middle priority keeps the
/// holder from its core, and with it, for as long as it likes, the thread that waits.
///
/// The members are those of std::mutex and may be used with std::lock_guard, std::unique_lock and std::scoped_lock. A
/// thread that waits for it waits in the kernel: the tasks that a pool's worker could run meanwhile wait too. While
/// nobody waits, locking and unlocking make no system call. Constructed at run time; not to be copied or moved.
class pi_mutex {
 public:
  /// Throws std::system_error where the kernel has no priority inheritance.
  pi_mutex() {
    if (const auto error = lock_.open()) throw std::system_error(error, "pinfold::pi_mutex");
  }
  pi_mutex(const pi_mutex&) = delete;
  pi_mutex& operator=(const pi_mutex&) = delete;
  /// Nobody holds it.
  ~pi_mutex() = default;

  /// Blocks. Throws std::system_error by the thread that holds it (resource_deadlock_would_occur). Where holders wait
  /// for each other in a circle the kernel sees it, and the C library ends the process (an assertion of glibc's).
  void lock() {
    if (const auto error = lock_.lock()) throw std::system_error(error, "pinfold::pi_mutex::lock");
  }

  /// Does not block. False: somebody holds it.
  [[nodiscard]] bool try_lock() noexcept { return lock_.try_lock(); }

  /// By the thread that holds it.
  void unlock() noexcept { lock_.unlock(); }

 private:
  detail::os::inheriting_lock lock_;
};

}  // namespace pinfold
