// The asynchronous wait for a future.
#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/prefer.hpp>
#include <exception>
#include <memory>
#include <utility>

#include <pinfold/detail/completion.hpp>
#include <pinfold/executor.hpp>
#include <pinfold/native/detail/future_state.hpp>

namespace pinfold::detail {

/// Allocated with the handler's associated allocator; freed before the handler is handed to its executor.
template <class R, class Handler>
class future_operation final : future_waiter {
  using handler_executor = boost::asio::associated_executor_t<Handler, executor>;
  using allocator = typename std::allocator_traits<boost::asio::associated_allocator_t<Handler>>::template rebind_alloc<
      future_operation>;

 public:
  /// Takes the future's part of the state over.
  static void start(future_state<R>*& owned, Handler&& handler) {
    allocator memory(boost::asio::get_associated_allocator(handler));
    future_operation* const self = std::allocator_traits<allocator>::allocate(memory, 1);
    try {
      std::construct_at(self, *owned, std::move(handler));
    } catch (...) {
      std::allocator_traits<allocator>::deallocate(memory, self, 1);
      throw;
    }
    future_state<R>& state = *std::exchange(owned, nullptr);
    if (!state.wait_by(*self)) self->end();
  }

  future_operation(future_state<R>& state, Handler&& handler)
      : future_waiter{.wake = &wake_operation},
        state_(state),
        work_(boost::asio::get_associated_executor(handler, executor(state.pool(), pool_core::any_context))),
        handler_(std::move(handler)) {}

 private:
  static void wake_operation(future_waiter& waiter) noexcept {
    auto* const self = static_cast<future_operation*>(&waiter);
    native_pool_core& pool = self->state_.pool();
    try {
      self->end();
    } catch (...) {
      pool.report_escaped(std::current_exception());
    }
  }

  // Never inside the call that started the operation, nor on the worker that ends the task.
  void end() {
    outcome<R> result = state_.take();
    state_.release();
    auto work = std::move(work_);
    Handler handler = std::move(handler_);
    allocator memory(boost::asio::get_associated_allocator(handler));
    std::destroy_at(this);
    std::allocator_traits<allocator>::deallocate(memory, this, 1);
    complete(boost::asio::prefer(work.get_executor(), boost::asio::execution::blocking.never), std::move(handler),
             std::move(result));
  }

  future_state<R>& state_;
  boost::asio::executor_work_guard<handler_executor> work_;
  Handler handler_;
};

}  // namespace pinfold::detail
