// What a future and its task share.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <pinfold/detail/event.hpp>
#include <pinfold/detail/outcome.hpp>
#include <pinfold/native/detail/native_pool_core.hpp>

namespace pinfold::detail {

/// Prints an exception that nobody asked a future for.
void report_unclaimed(std::exception_ptr error) noexcept;

/// Called once, by the task's thread.
struct future_waiter {
  void (*wake)(future_waiter& self) noexcept;
};

/// Stands for "the task has ended".
extern constinit future_waiter future_ended;

/// In a slot of the pool's slab, or on the heap. Two owners, future and task; the last one frees it.
/// `waiter_`: nullptr -> a waiter -> future_ended, or nullptr -> future_ended. The task writes the result and then
/// exchanges `waiter_` for that (acq_rel); who registers does it by compare-exchange from nullptr, whose failure
/// (acquire) makes the result visible. One waiter at most, since a future has one owner.
template <class R>
class future_state {
 public:
  static future_state& make(native_pool_core& pool) {
    return *::new (pool.slab().allocate(sizeof(future_state), alignof(future_state))) future_state(pool);
  }

  [[nodiscard]] native_pool_core& pool() const noexcept { return pool_; }
  [[nodiscard]] bool has_ended() const noexcept { return waiter_.load(std::memory_order_acquire) == &future_ended; }

  /// False: it has ended, the waiter will not be called.
  [[nodiscard]] bool wait_by(future_waiter& waiter) noexcept {
    future_waiter* none = nullptr;
    return waiter_.compare_exchange_strong(none, &waiter, std::memory_order_acq_rel, std::memory_order_acquire);
  }

  /// By the task: first the one, and when its function has been destroyed, the other.
  template <class F>
  void run(F&& f) noexcept {
    result_.run(std::forward<F>(f));
  }
  void publish() noexcept {
    future_waiter* const waiter = waiter_.exchange(&future_ended, std::memory_order_acq_rel);
    if (waiter != nullptr) waiter->wake(*waiter);
    release();
  }

  /// By the future, once has_ended(). Throws what the result's move throws.
  [[nodiscard]] outcome<R> take() {
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
  std::atomic<future_waiter*> waiter_{nullptr};
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
struct blocking_waiter final : future_waiter {
  blocking_waiter() noexcept
      : future_waiter{.wake = [](future_waiter& self) noexcept { static_cast<blocking_waiter&>(self).ended.set(); }} {}

  event ended;
};

}  // namespace pinfold::detail
