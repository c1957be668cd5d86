// A function that runs in a pool as an Asio asynchronous operation.
#pragma once

#include <boost/asio/async_result.hpp>
#include <type_traits>
#include <utility>

#include <pinfold/detail/completion.hpp>
#include <pinfold/detail/outcome.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/pool_operation.hpp>

namespace pinfold::detail {

/// Begun, it runs its function and completes. The count of the pool's gate goes on until the completion is handed over,
/// which counts in the handler's pool: the topology is not idle in between.
template <class F, class R, class Handler>
class invoke_operation final : public pool_operation<invoke_operation<F, R, Handler>, R, Handler> {
 public:
  invoke_operation(pool_core& pool, Handler&& handler, F&& f)
      : pool_operation<invoke_operation, R, Handler>(pool, std::move(handler)), f_(std::move(f)) {}

 private:
  void begin(start_ticket*) noexcept override {
    this->result().run(std::move(f_));
    this->hand_over(true);
  }

  F f_;
};

/// Any token; `submit` as in pool_operation::start().
template <class F, class CompletionToken, class Submit>
auto async_invoke_in(pool_core& pool, F&& f, CompletionToken&& token, const Submit& submit) {
  using function = std::decay_t<F>;
  using result = std::invoke_result_t<function>;
  return boost::asio::async_initiate<CompletionToken, typename completion_signature<result>::type>(
      [&pool, submit](auto handler, function call) {
        invoke_operation<function, result, decltype(handler)>::start(pool, std::move(handler), submit, std::move(call));
      },
      token, function(std::forward<F>(f)));
}

}  // namespace pinfold::detail
