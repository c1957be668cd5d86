// The asynchronous wait for a future.
#pragma once

#include <exception>
#include <utility>

#include <pinfold/detail/completion.hpp>
#include <pinfold/native/detail/future_state.hpp>

namespace pinfold::detail {

template <class R, class Handler>
class future_operation final : public async_operation<future_operation<R, Handler>, R, Handler>, future_waiter {
  using base = async_operation<future_operation, R, Handler>;

 public:
  /// Takes the future's part of the state over.
  static void start(future_state<R>*& owned, Handler&& handler) {
    future_operation& self = base::make(owned->pool(), std::move(handler), *owned);
    future_state<R>& state = *std::exchange(owned, nullptr);
    if (!state.wait_by(self)) self.end();
  }

  future_operation(pool_core& pool, Handler&& handler, future_state<R>& state)
      : base(nullptr, pool, std::move(handler)), future_waiter{.wake = &wake_operation}, state_(state) {}

 private:
  static void wake_operation(future_waiter& waiter) noexcept {
    auto& self = static_cast<future_operation&>(waiter);
    pool_core& pool = self.pool();
    try {
      self.end();
    } catch (...) {
      pool.report_escaped(std::current_exception());
    }
  }

  // Never inside the call that started the operation, nor on the worker that ends the task.
  void end() {
    this->result() = state_.take();
    state_.release();
    this->complete(false);
  }

  future_state<R>& state_;
};

}  // namespace pinfold::detail
