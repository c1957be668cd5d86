// What scopes share, of whatever pools: the count of their tasks, their first exception, their cancellation.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

#include <pinfold/cancellation.hpp>
#include <pinfold/detail/event.hpp>
#include <pinfold/detail/outcome.hpp>

namespace pinfold::detail {

/// One for everything that ends together: a scope, or the scopes of several pools.
/// `pending_` counts the body and the tasks that have not ended; who ends last calls `ended_`, and the whole may be
/// gone when that returns. The acq_rel decrements make every task's effects visible to the last. The first exception in
/// time is kept: the winner of `failed_` writes it before its decrement.
class scope_core {
 public:
  using function = void (*)(scope_core&) noexcept;

  explicit scope_core(function ended) noexcept : ended_(ended) {}
  scope_core(const scope_core&) = delete;
  scope_core& operator=(const scope_core&) = delete;

  /// By what is inside: the body, or a task.
  void begin() noexcept { pending_.fetch_add(1, std::memory_order_relaxed); }
  void end() noexcept {
    if (is_last()) ended_(*this);
  }
  void fail(std::exception_ptr error) noexcept {
    if (!failed_.exchange(true, std::memory_order_relaxed)) error_ = std::move(error);
  }

 protected:
  ~scope_core() = default;

  [[nodiscard]] bool is_last() noexcept { return pending_.fetch_sub(1, std::memory_order_acq_rel) == 1; }
  /// Once everything has ended.
  [[nodiscard]] std::exception_ptr take_error() noexcept { return std::move(error_); }

 private:
  const function ended_;
  std::atomic<std::size_t> pending_{1};
  std::atomic<bool> failed_{false};
  std::exception_ptr error_;
};

/// Lives on the stack of the thread that runs the body and waits. The last task to end tells it, unless that is the
/// body, which then has nothing to wait for.
class waited_scope final : public scope_core {
 public:
  waited_scope() noexcept
      : scope_core([](scope_core& self) noexcept { static_cast<waited_scope&>(self).all_ended_.set(); }) {}

  /// At the end of the body: waits for the tasks, rethrows the first exception.
  void finish() {
    if (!is_last()) all_ended_.wait();
    if (std::exception_ptr error = take_error()) std::rethrow_exception(std::move(error));
  }

 private:
  event all_ended_;
};

/// What one scope of every kind offers to those inside it, who alone may call it: the body, its tasks, and what they
/// wait for.
class scope_base {
 public:
  /// Tasks that have not begun are dropped; those that run may ask. Any thread; does not block.
  void cancel() noexcept { cancellation_.cancel(); }
  /// cancel() was called. Any thread; does not block.
  [[nodiscard]] bool is_cancelled() const noexcept { return token().is_cancelled(); }
  /// For loops inside the scope.
  [[nodiscard]] cancellation_token token() const noexcept { return cancellation_.token(); }

  scope_base(const scope_base&) = delete;
  scope_base& operator=(const scope_base&) = delete;

 protected:
  scope_base(scope_core& core, cancellation_source& cancellation) noexcept : core_(core), cancellation_(cancellation) {}
  ~scope_base() = default;

  scope_core& core_;

 private:
  template <class, class>
  friend struct scoped_body;

  cancellation_source& cancellation_;
};

/// A function spawned in a scope, called with the scope where it takes it; not called once the scope is cancelled. What
/// it returns is called when the function and its captures have been destroyed: the scope may end then.
template <class Scope, class F>
struct scoped_body {
  Scope* scope;
  F f;

  auto operator()() noexcept {
    scope_core& core = scope->core_;
    try {
      if (!scope->is_cancelled()) call();
    } catch (...) {
      core.fail(std::current_exception());
    }
    return [&core]() noexcept { core.end(); };
  }

 private:
  void call() {
    if constexpr (std::invocable<F, Scope&>) {
      std::invoke(std::move(f), *scope);
    } else {
      std::invoke(std::move(f));
    }
  }
};

template <class F, class Scope>
concept scope_function = std::invocable<std::decay_t<F>> || std::invocable<std::decay_t<F>, Scope&>;

/// Runs `body()`, the body of the scopes of `all`, here; `run_own()` then runs what this thread has spawned and nobody
/// has taken. Waits for the rest; returns what the body returned, or rethrows the first exception.
template <class Body, class RunOwn>
std::invoke_result_t<Body> run_to_end(waited_scope& all, Body&& body, RunOwn&& run_own) {
  outcome<std::invoke_result_t<Body>> of_body;
  of_body.run(std::forward<Body>(body));
  if (of_body.error()) all.fail(of_body.error());
  std::forward<RunOwn>(run_own)();
  all.finish();
  return of_body.get();
}

/// A scope whose body runs on the calling thread.
template <class Scope, class Body>
std::invoke_result_t<Body, Scope&> run_scope(typename Scope::pool_type& pool, Body&& body) {
  waited_scope all;
  cancellation_source cancellation;
  Scope scope(pool, all, cancellation);
  return run_to_end(
      all, [&]() -> std::invoke_result_t<Body, Scope&> { return std::invoke(std::forward<Body>(body), scope); },
      [&]() noexcept { scope.run_own(); });
}

}  // namespace pinfold::detail
