// Asking loops and scopes to stop early.
#pragma once

#include <atomic>

namespace pinfold {

class cancellation_source;

/// Cheap to copy; valid while its source lives. An empty one is never cancelled.
class cancellation_token {
 public:
  /// Of no source.
  constexpr cancellation_token() noexcept = default;

  /// Any thread; does not block. What happened before the cancel() need not be visible.
  [[nodiscard]] bool is_cancelled() const noexcept {
    return cancelled_ != nullptr && cancelled_->load(std::memory_order_relaxed);
  }

 private:
  friend class cancellation_source;
  explicit constexpr cancellation_token(const std::atomic<bool>& cancelled) noexcept : cancelled_(&cancelled) {}

  const std::atomic<bool>* cancelled_ = nullptr;
};

/// A flag that is set once. Unlike std::stop_source it allocates nothing and calls nobody back.
class cancellation_source {
 public:
  /// Not cancelled.
  constexpr cancellation_source() noexcept = default;
  cancellation_source(const cancellation_source&) = delete;
  cancellation_source& operator=(const cancellation_source&) = delete;

  /// Any thread; does not block.
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  /// What loops and scopes ask; valid while this lives. Any thread; does not block.
  [[nodiscard]] cancellation_token token() const noexcept { return cancellation_token(cancelled_); }

 private:
  std::atomic<bool> cancelled_{false};
};

}  // namespace pinfold
