// A scope in a pool as an Asio asynchronous operation: no thread waits for its tasks.
#pragma once

#include <boost/asio/async_result.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <pinfold/cancellation.hpp>
#include <pinfold/detail/cancellable_start.hpp>
#include <pinfold/detail/completion.hpp>
#include <pinfold/detail/operation_aborted.hpp>
#include <pinfold/detail/outcome.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/pool_operation.hpp>
#include <pinfold/detail/scope_core.hpp>

namespace pinfold::detail {

/// Begun, it runs its body, and who ends last, body or a task, completes it: so never before all that began has ended,
/// however it is cancelled, and what they borrow from the awaiting coroutine's frame, which the handler owns, is alive.
/// From the end of the body on it has a count of its own at the pool's gate; before, the body's goes on. Nobody touches
/// it after the last has ended but who completes it. A canceller reaches the ticket alone, which outlives both.
template <class Scope, class Body, class R, class Handler>
class scope_operation final : public pool_operation<scope_operation<Scope, Body, R, Handler>, R, Handler>,
                              private scope_core {
  using base = pool_operation<scope_operation, R, Handler>;

 public:
  scope_operation(pool_core& pool, Handler&& handler, Body&& body)
      : base(pool, std::move(handler)), scope_core(&complete_scope), body_(std::move(body)) {}

 private:
  void begin(start_ticket* ticket) noexcept override {
    if (ticket != nullptr) {
      ticket->retain();
      ticket_ = ticket;
    }
    auto& pool = static_cast<typename Scope::pool_type&>(this->pool());
    scope_core& all = *this;
    scope_.emplace(pool, all, ticket == nullptr ? cancellation_ : ticket->cancellation());
    this->result().run([this]() -> R { return std::invoke(std::move(body_), *scope_); });
    if (this->result().error()) this->fail(this->result().error());
    pool.begin_outside();  // not refused, since the body was accepted
    this->end();
  }

  static void complete_scope(scope_core& core) noexcept {
    auto& self = static_cast<scope_operation&>(core);
    pool_core& pool = self.pool();
    std::exception_ptr error = self.take_error();
    if (self.ticket_ != nullptr) {
      if (!error && self.ticket_->was_cancelled_after_start()) error = operation_aborted();
      self.ticket_->release();
    }
    if (error) self.result().fail(std::move(error));
    self.hand_over(false);
    pool.finish_outside();
  }

  cancellation_source cancellation_;
  start_ticket* ticket_ = nullptr;
  std::optional<Scope> scope_;
  Body body_;
};

/// Any token; `submit` as in pool_operation::start().
template <class Scope, class Body, class CompletionToken, class Submit>
auto async_scope_in(typename Scope::pool_type& pool, Body&& body, CompletionToken&& token, const Submit& submit) {
  using function = std::decay_t<Body>;
  using result = std::invoke_result_t<function, Scope&>;
  return boost::asio::async_initiate<CompletionToken, typename completion_signature<result>::type>(
      [&pool, submit](auto handler, function call) {
        scope_operation<Scope, function, result, decltype(handler)>::start(pool, std::move(handler), submit,
                                                                           std::move(call));
      },
      token, function(std::forward<Body>(body)));
}

}  // namespace pinfold::detail
