// The asynchronous wait for a future.
#pragma once

#include <utility>

#include <pinfold/detail/async_operation.hpp>
#include <pinfold/native/detail/future_state.hpp>

namespace pinfold::detail {

template <class R, class Handler>
class future_operation final : public async_operation<future_operation<R, Handler>, R, Handler>, end_waiter {
  using base = async_operation<future_operation, R, Handler>;

 public:
  /// Takes the future's part of the state over.
  static void start(future_state<R>*& owned, Handler&& handler) {
    future_operation& self = base::make(owned->pool(), std::move(handler), *owned);
    future_state<R>& state = *std::exchange(owned, nullptr);
    if (state.wait_by(self)) return;  // and may be gone
    self.take();
    self.complete(false);
  }

  future_operation(pool_core& pool, Handler&& handler, future_state<R>& state)
      : base(nullptr, pool, std::move(handler)), end_waiter{.wake = &wake_operation}, state_(state) {}

 private:
  // The handler is not called on the worker that ends the task.
  static void wake_operation(end_waiter& waiter) noexcept {
    auto& self = static_cast<future_operation&>(waiter);
    self.take();
    self.complete_or_report(false);
  }

  void take() noexcept {
    this->result() = state_.take();
    state_.release();
  }

  future_state<R>& state_;
};

}  // namespace pinfold::detail
