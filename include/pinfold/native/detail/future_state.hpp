// What a future and its task share.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <new>
#include <utility>

#include <pinfold/detail/end_notice.hpp>
#include <pinfold/detail/event.hpp>
#include <pinfold/detail/outcome.hpp>
#include <pinfold/native/detail/native_pool_core.hpp>

namespace pinfold::detail {

/// Prints an exception that nobody asked a future for.
void report_unclaimed(std::exception_ptr error) noexcept;

/// In a slot of the pool's slab, or on the heap. Two owners, future and task; the last one frees it.
/// One waiter at most, since a future has one owner.
template <class R>
class future_state {
 public:
  static future_state& make(native_pool_core& pool) {
    return *::new (pool.slab().allocate(sizeof(future_state), alignof(future_state))) future_state(pool);
  }

  [[nodiscard]] native_pool_core& pool() const noexcept { return pool_; }
  [[nodiscard]] bool has_ended() const noexcept { return notice_.has_ended(); }

  /// False: it has ended, the waiter will not be called.
  [[nodiscard]] bool wait_by(end_waiter& waiter) noexcept {
    return notice_.wait_by(waiter) == end_notice::registration::waits;
  }

  /// By the task: first the one, and when its function has been destroyed, the other.
  template <class F>
  void run(F&& f) noexcept {
    result_.run(std::forward<F>(f));
  }
  void publish() noexcept {
    notice_.tell();
    release();
  }

  /// By the future, once has_ended().
  [[nodiscard]] outcome<R> take() noexcept {
    taken_ = true;
    return std::move(result_);
  }

  void release() noexcept {
    if (owners_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    if (result_.error() && !taken_) report_unclaimed(result_.error());
    native_pool_core& pool = pool_;
    this->~future_state();
    pool.slab().deallocate(this, sizeof(future_state), alignof(future_state));
  }

 private:
  explicit future_state(native_pool_core& pool) noexcept : pool_(pool) {}
  ~future_state() = default;

  native_pool_core& pool_;
  end_notice notice_;
  std::atomic<std::uint32_t> owners_{2};
  bool taken_ = false;
  outcome<R> result_;
};

template <class R, class F>
struct future_body {
  future_state<R>* state;
  F f;

  auto operator()() noexcept {
    state->run([this]() -> R { return std::invoke(std::move(f)); });
    return [state = state]() noexcept { state->publish(); };
  }
};

/// Somebody who sleeps or works until the task has ended.
struct blocking_waiter final : end_waiter {
  blocking_waiter() noexcept
      : end_waiter{.wake = [](end_waiter& self) noexcept { static_cast<blocking_waiter&>(self).ended.set(); }} {}

  event ended;
};

}  // namespace pinfold::detail
