// One thread at a time does something that takes long; others wait for their turn, as long as they have time.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

#include <pinfold/detail/deadline.hpp>

namespace pinfold::detail {

/// A mutex with deadlines, first come first served, for static storage. Who gives the turn back while others wait hands
/// it to the first of them: it is never free in between.
class turn {
 public:
  constexpr turn() noexcept = default;
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;

  /// False: somebody has it.
  [[nodiscard]] bool try_take() noexcept;
  /// False: the deadline has passed.
  [[nodiscard]] bool take_until(deadline limit) noexcept;
  void give_back() noexcept;

  /// Around a fork. Nobody has it, or waits for it, in a child that has abandoned it; says whether somebody had it.
  void lock_for_fork() { mutex_.lock(); }
  void unlock_after_fork() { mutex_.unlock(); }
  bool abandon_in_child() noexcept {
    waiters_ = nullptr;
    return std::exchange(taken_, false);
  }

 private:
  struct waiter {
    std::condition_variable changed;
    bool has_turn = false;
    waiter* next = nullptr;
  };

  std::mutex mutex_;
  bool taken_ = false;         // guarded by mutex_
  waiter* waiters_ = nullptr;  // guarded by mutex_, oldest first
};

/// Gives it back at the end.
class turn_guard {
 public:
  explicit turn_guard(turn& taken) noexcept : taken_(taken) {}
  turn_guard(const turn_guard&) = delete;
  turn_guard& operator=(const turn_guard&) = delete;
  ~turn_guard() { taken_.give_back(); }

 private:
  turn& taken_;
};

}  // namespace pinfold::detail
