// Whether something has ended, and the one who waits for that.
#pragma once

#include <atomic>
#include <cstdint>

namespace pinfold::detail {

/// Told once that something has ended, by who ended it.
struct end_waiter {
  void (*wake)(end_waiter& self) noexcept;
};

/// nullptr <-> a waiter, then -> ended. Who tells has written the result before, and exchanges for "ended" (acq_rel);
/// who registers does so by compare-exchange from nullptr, and sees the result where that fails (acquire). Who takes a
/// waiter out again by compare-exchange has it to himself, and so has who wakes it.
class end_notice {
 public:
  [[nodiscard]] bool has_ended() const noexcept { return waiter_.load(std::memory_order_acquire) == &ended_mark; }

  enum class registration : std::uint8_t { waits, has_ended, others_wait };
  [[nodiscard]] registration wait_by(end_waiter& waiter) noexcept {
    end_waiter* present = nullptr;
    if (waiter_.compare_exchange_strong(present, &waiter, std::memory_order_acq_rel, std::memory_order_acquire)) {
      return registration::waits;
    }
    return present == &ended_mark ? registration::has_ended : registration::others_wait;
  }

  /// False: it is being woken, or was.
  [[nodiscard]] bool stop_waiting(end_waiter& waiter) noexcept {
    end_waiter* present = &waiter;
    return waiter_.compare_exchange_strong(present, nullptr, std::memory_order_acq_rel, std::memory_order_relaxed);
  }

  /// Once.
  void tell() noexcept {
    if (end_waiter* const waiter = waiter_.exchange(&ended_mark, std::memory_order_acq_rel)) waiter->wake(*waiter);
  }

 private:
  static inline constinit end_waiter ended_mark{.wake = nullptr};

  std::atomic<end_waiter*> waiter_{nullptr};
};

}  // namespace pinfold::detail
