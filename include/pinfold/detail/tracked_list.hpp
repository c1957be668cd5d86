// The coroutines that a pool tracks.
#pragma once

#include <mutex>

namespace pinfold::detail {

class tracked_coroutine;

/// Coroutines of spawn_async() that have begun and not ended, linked through themselves. Its mutex also guards the
/// changeable part of each of them that has to do with cancellation.
class tracked_list {
 public:
  constexpr tracked_list() noexcept = default;
  tracked_list(const tracked_list&) = delete;
  tracked_list& operator=(const tracked_list&) = delete;

  [[nodiscard]] bool empty() const noexcept {
    const std::lock_guard lock(mutex_);
    return unasked_ == nullptr && asked_ == nullptr;
  }

  /// Asks each of them once to end.
  void request_stop() noexcept;

 private:
  friend class tracked_coroutine;

  mutable std::mutex mutex_;
  // Guarded by mutex_: those that were asked to stop move from one list to the other.
  tracked_coroutine* unasked_ = nullptr;
  tracked_coroutine* asked_ = nullptr;

  [[nodiscard]] tracked_coroutine*& head_of(const tracked_coroutine& member) noexcept;
  void link(tracked_coroutine& item) noexcept;
  void unlink(tracked_coroutine& item) noexcept;
};

}  // namespace pinfold::detail
