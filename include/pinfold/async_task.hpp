// The handle of a coroutine that a pool tracks.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include <pinfold/detail/async_task_state.hpp>
#include <pinfold/detail/completion.hpp>
#include <pinfold/detail/default_token.hpp>
#include <pinfold/detail/join_operation.hpp>
#include <pinfold/detail/shared_ref.hpp>

namespace pinfold {

/// From spawn_async(). Movable; may outlive the run of the topology. Destroyed, it lets the coroutine go on, which its
/// pool counts as work all the same; an exception that nobody joined for goes to start_options::on_exception then (or
/// is printed, when the topology has stopped before), unless it only says that it was cancelled (operation_aborted, or
/// a channel's channel_cancelled) and it was. One thread at a time may use the handle.
template <class R>
class async_task {
 public:
  /// For pinfold itself.
  explicit async_task(detail::shared_ref<detail::async_task_state<R>> state) noexcept : state_(std::move(state)) {}

  /// It was not moved from.
  [[nodiscard]] bool valid() const noexcept { return static_cast<bool>(state_); }

  /// The coroutine has ended: its frame and its function are destroyed. Does not block. Throws std::logic_error when
  /// not valid().
  [[nodiscard]] bool is_finished() const {
    require_valid("is_finished");
    return state_->notice().has_ended();
  }

  /// Asio asynchronous operation: waits until the coroutine has ended, and completes with what it ended with,
  /// (std::exception_ptr, R) or for void (std::exception_ptr), on the handler's associated executor, by default the
  /// coroutine's pool. The result can be had once. Cancelled, it stops waiting and completes with operation_aborted:
  /// the coroutine goes on and may be joined again. Does not block; memory as for async_invoke(). Throws
  /// std::logic_error when not valid(); completes with it where the result was taken before or another join is pending.
  template <class CompletionToken = detail::default_token>
  auto join(CompletionToken&& token = {}) {
    require_valid("join");
    return boost::asio::async_initiate<CompletionToken, typename detail::completion_signature<R>::type>(
        [](auto handler, const detail::shared_ref<detail::async_task_state<R>>& joined) {
          detail::join_operation<R, decltype(handler)>::start(joined, std::move(handler));
        },
        token, state_);
  }

  /// Emits the coroutine's cancellation signal, on its own executor and not inside this call; nothing once it has
  /// ended. By Asio's rules a coroutine sees terminal cancellation unless it says otherwise: what it waits for is
  /// cancelled, and its next co_await throws operation_aborted. One that has not begun never does. Does not
  /// block. Throws std::bad_alloc, and std::logic_error when not valid().
  void cancel(boost::asio::cancellation_type type = boost::asio::cancellation_type::terminal) {
    require_valid("cancel");
    state_->cancel(type);
  }

 private:
  void require_valid(const char* function) const {
    using namespace std::string_literals;
    if (!state_) throw std::logic_error("pinfold::async_task::"s + function + "(): the handle was moved from");
  }

  detail::shared_ref<detail::async_task_state<R>> state_;
};

}  // namespace pinfold
