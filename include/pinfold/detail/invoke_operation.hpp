// A function that runs in a pool as an Asio asynchronous operation.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <concepts>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

#include <pinfold/detail/cancellable_start.hpp>
#include <pinfold/detail/completion.hpp>
#include <pinfold/detail/outcome.hpp>
#include <pinfold/detail/pool_core.hpp>

namespace pinfold::detail {

/// Life: made by the initiating call; in the pool's queue, itself or, where it can be cancelled, a start_ticket for it;
/// running its function on a worker; on its way to the handler's executor. The count of the pool's gate goes on until
/// the completion is handed over, which counts in the handler's pool: the topology is not idle in between.
/// Owned by one thread at a time: the queues order what their former did before what the next does.
template <class F, class R, class Handler>
class invoke_operation final : public async_operation<invoke_operation<F, R, Handler>, R, Handler>, startable {
  using base = async_operation<invoke_operation, R, Handler>;

 public:
  /// `submit(task&)` hands a task to the pool; when it throws pool_stopped the operation completes with that, since an
  /// initiating function must not throw once it has the handler. Throws what the handler's executor throws then.
  template <class Submit>
  static void start(pool_core& pool, Handler&& handler, F&& f, const Submit& submit) {
    invoke_operation& self = base::make(pool, std::move(handler), std::move(f));
    try {
      task& first = self.cancellable_task();
      try {
        submit(first);
      } catch (...) {
        self.take_back(first);
        throw;
      }
    } catch (const pool_stopped&) {
      self.complete_with(std::current_exception());
    } catch (...) {
      self.destroy();
      throw;
    }
  }

  invoke_operation(pool_core& pool, Handler&& handler, F&& f)
      : base(&run_first, pool, std::move(handler)), f_(std::move(f)) {}

 private:
  static void run_first(task& item) noexcept {
    auto& self = static_cast<invoke_operation&>(item);
    pool_core& pool = self.pool();
    self.begin();
    pool.finished();
  }

  void begin() noexcept override {
    this->result().run(std::move(f_));
    hand_over(true);
  }

  void abort(std::exception_ptr error) noexcept override {
    this->result().fail(std::move(error));
    hand_over(false);
  }

  void hand_over(bool now) noexcept {
    pool_core& pool = this->pool();
    try {
      this->complete(now, admission::of_part);
    } catch (...) {
      pool.report_escaped(std::current_exception());
    }
  }

  void complete_with(std::exception_ptr error) {
    this->result().fail(std::move(error));
    this->complete(false);
  }

  [[nodiscard]] task& cancellable_task() {
    auto slot = boost::asio::get_associated_cancellation_slot(this->handler());
    if (!slot.is_connected()) return *this;
    start_ticket& ticket = start_ticket::make(this->pool(), *this);
    try {
      slot.template emplace<start_ticket::canceller>(ticket);
    } catch (...) {
      ticket.release();
      ticket.release();
      throw;
    }
    return ticket;
  }

  void take_back(task& first) noexcept {
    if (&first == this) return;
    boost::asio::get_associated_cancellation_slot(this->handler()).clear();
    static_cast<start_ticket&>(first).release();
  }

  F f_;
};

/// Any token; `submit` as in invoke_operation::start().
template <class F, class CompletionToken, class Submit>
auto async_invoke_in(pool_core& pool, F&& f, CompletionToken&& token, const Submit& submit) {
  using function = std::decay_t<F>;
  using result = std::invoke_result_t<function>;
  return boost::asio::async_initiate<CompletionToken, typename completion_signature<result>::type>(
      [&pool, submit](auto handler, function call) {
        invoke_operation<function, result, decltype(handler)>::start(pool, std::move(handler), std::move(call), submit);
      },
      token, function(std::forward<F>(f)));
}

}  // namespace pinfold::detail
