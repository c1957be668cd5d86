// async_blocking: a function on a blocking thread, its completion on the handler's executor.
#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <pinfold/asio/detail/asio_pool_core.hpp>
#include <pinfold/detail/completion.hpp>
#include <pinfold/detail/outcome.hpp>
#include <pinfold/executor.hpp>

namespace pinfold::detail {

/// Allocated with the handler's associated allocator, freed before the handler is posted. An operation that the pool
/// does not take completes with pool_stopped: an initiating function must not throw once it has the handler.
template <class F, class R, class Handler>
class blocking_call final : public task {
  using handler_executor = boost::asio::associated_executor_t<Handler, executor>;
  using allocator = typename std::allocator_traits<boost::asio::associated_allocator_t<Handler>>::template rebind_alloc<
      blocking_call>;

 public:
  static void start(asio_pool_core& pool, const executor& otherwise, Handler&& handler, F&& f) {
    allocator memory(boost::asio::get_associated_allocator(handler));
    blocking_call* self = std::allocator_traits<allocator>::allocate(memory, 1);
    try {
      std::construct_at(self, pool, otherwise, std::move(handler), std::move(f));
    } catch (...) {
      std::allocator_traits<allocator>::deallocate(memory, self, 1);
      throw;
    }
    if (pool.try_submit_blocking(*self)) return;
    outcome<R> refused;
    refused.run([&pool]() -> R { pool.refuse(); });
    self->end(std::move(refused));
  }

  blocking_call(asio_pool_core& pool, const executor& otherwise, Handler&& handler, F&& f)
      : task(&blocking_call::run_call),
        pool_(pool),
        work_(boost::asio::get_associated_executor(handler, otherwise)),
        handler_(std::move(handler)),
        f_(std::move(f)) {}

 private:
  static void run_call(task& item) noexcept {
    auto* self = static_cast<blocking_call*>(&item);
    outcome<R> result;
    result.run(std::move(self->f_));

    asio_pool_core& pool = self->pool_;
    try {
      self->end(std::move(result));
    } catch (...) {
      pool.report_escaped(std::current_exception());
    }
    pool.finished();
  }

  // Frees the operation, then hands the handler to its executor. Nothing of either is left here when it returns: what
  // the handler's executor belongs to may end with the pool's work.
  void end(outcome<R>&& result) {
    auto work = std::move(work_);
    Handler handler = std::move(handler_);
    allocator memory(boost::asio::get_associated_allocator(handler));
    std::destroy_at(this);
    std::allocator_traits<allocator>::deallocate(memory, this, 1);
    complete(work.get_executor(), std::move(handler), std::move(result));
  }

  asio_pool_core& pool_;
  boost::asio::executor_work_guard<handler_executor> work_;
  Handler handler_;
  F f_;
};

template <class F, class CompletionToken>
auto async_blocking_call(asio_pool_core& pool, executor otherwise, F&& f, CompletionToken&& token) {
  using function = std::decay_t<F>;
  using result = std::invoke_result_t<function>;
  const auto start = [&pool, otherwise](auto handler, function&& call) {
    blocking_call<function, result, decltype(handler)>::start(pool, otherwise, std::move(handler), std::move(call));
  };
  return boost::asio::async_initiate<CompletionToken, typename completion_signature<result>::type>(
      start, token, function(std::forward<F>(f)));
}

}  // namespace pinfold::detail
