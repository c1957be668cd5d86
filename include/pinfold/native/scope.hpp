// Scopes: tasks that may borrow what lives longer than the scope, because the scope waits for all of them.
#pragma once

#include <atomic>
#include <concepts>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>

#include <pinfold/detail/event.hpp>
#include <pinfold/native/cancellation.hpp>
#include <pinfold/native/detail/spawned_call.hpp>
#include <pinfold/native/spawn.hpp>

namespace pinfold {

namespace detail {

/// What scopes share. `pending_` counts the body and the tasks that have not ended; the last to end sets `done_`,
/// unless it is the body, which then has nothing to wait for. Its acq_rel decrements make every task's effects visible
/// to who ends the scope. The first exception in time is kept: the winner of `failed_` writes it before it decrements.
class scope_core {
 public:
  explicit scope_core(native_pool_core& pool) noexcept : pool_(pool) {}
  scope_core(const scope_core&) = delete;
  scope_core& operator=(const scope_core&) = delete;

  [[nodiscard]] native_pool_core& pool() const noexcept { return pool_; }
  [[nodiscard]] cancellation_source& cancellation() noexcept { return cancellation_; }
  [[nodiscard]] const cancellation_source& cancellation() const noexcept { return cancellation_; }

  void begin() noexcept { pending_.fetch_add(1, std::memory_order_relaxed); }
  void end() noexcept {
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) done_.set();
  }
  void fail(std::exception_ptr error) noexcept {
    if (!failed_.exchange(true, std::memory_order_relaxed)) error_ = std::move(error);
  }

  /// By the thread that made it, at the end of the body: waits for the tasks, rethrows the first exception.
  void finish() {
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) != 1) done_.wait();
    if (error_) std::rethrow_exception(std::move(error_));
  }

 private:
  native_pool_core& pool_;
  cancellation_source cancellation_;
  std::atomic<std::size_t> pending_{1};
  std::atomic<bool> failed_{false};
  std::exception_ptr error_;
  event done_;
};

/// A function spawned in a scope, called with the scope where it takes it; not called once the scope is cancelled.
template <class Scope, class F>
struct scoped_body {
  Scope* scope;
  F f;

  auto operator()() noexcept {
    try {
      if (!scope->is_cancelled()) call();
    } catch (...) {
      scope->core_.fail(std::current_exception());
    }
    return [scope = scope]() noexcept { scope->core_.end(); };
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

}  // namespace detail

/// Lives while its body and the tasks spawned in it run. Its members may be called by any thread that is inside it: the
/// body, its tasks, and whatever those wait for.
template <detail::spawn_order Order>
class basic_task_scope {
 public:
  explicit basic_task_scope(detail::native_pool_core& pool) noexcept : core_(pool) {}

  /// Runs `f()` or `f(scope)` on some worker of the scope's pool before the scope ends. What it borrows must outlive
  /// the scope. Does not block; does not allocate on a worker while `task_slots` are left and the closure is of at most
  /// 40 bytes and moves without throwing (else it takes a slot of the pool's slab, as from other threads and for the
  /// FIFO order). Order on one worker: of a task_scope the last spawned runs first, of a task_scope_fifo the first.
  /// Throws what moving `f` throws.
  template <class F>
    requires std::invocable<std::decay_t<F>> || std::invocable<std::decay_t<F>, basic_task_scope&>
  void spawn(F&& f) {
    using body = detail::scoped_body<basic_task_scope, std::decay_t<F>>;
    core_.begin();
    try {
      body item{.scope = this, .f = std::forward<F>(f)};
      if (detail::native_worker* const worker = core_.pool().worker_here()) {
        if constexpr (Order == detail::spawn_order::fifo) {
          detail::push_shelved(*worker, this, std::move(item));
        } else {
          detail::push_spawned(*worker, std::move(item));
        }
      } else {
        using counted = detail::counted_body<detail::told::after, body>;
        detail::inject(core_.pool(), counted{.pool = &core_.pool(), .body = std::move(item)},
                       detail::admission::of_part);
      }
    } catch (...) {
      core_.end();
      throw;
    }
  }

  /// Tasks that have not begun are dropped; those that run may ask. Any thread; does not block.
  void cancel() noexcept { core_.cancellation().cancel(); }
  [[nodiscard]] bool is_cancelled() const noexcept { return token().is_cancelled(); }
  /// For loops inside the scope.
  [[nodiscard]] cancellation_token token() const noexcept { return core_.cancellation().token(); }

  /// For pools and the free functions: runs the body in this scope and ends the scope.
  template <class Body>
  std::invoke_result_t<Body, basic_task_scope&> run(Body&& body) {
    using result = std::invoke_result_t<Body, basic_task_scope&>;
    detail::outcome<result> of_body;
    detail::native_worker* const worker = core_.pool().worker_here();
    detail::fork_slot* const base = worker == nullptr ? nullptr : worker->head();
    of_body.run([&]() -> result { return std::invoke(std::forward<Body>(body), *this); });
    if (of_body.error()) core_.fail(of_body.error());
    if (worker != nullptr) worker->run_spawned_above(base);
    core_.finish();
    return of_body.get();
  }

 private:
  template <class, class>
  friend struct detail::scoped_body;

  detail::scope_core core_;
};

using task_scope = basic_task_scope<detail::spawn_order::lifo>;
using task_scope_fifo = basic_task_scope<detail::spawn_order::fifo>;

/// Calls `body(task_scope&)`, waits until every task spawned in the scope has ended, and returns what the body
/// returned. All tasks run even if one throws or the body does; then the exception that came first is rethrown. On a
/// worker of a native pool, which runs the pool's work while it waits; throws outside_pool elsewhere.
template <std::invocable<task_scope&> Body>
decltype(auto) scope(Body&& body) {
  return task_scope(*detail::require_worker("scope").pool()).run(std::forward<Body>(body));
}

/// The same, with tasks spawned on one worker running in the order of their spawning.
template <std::invocable<task_scope_fifo&> Body>
decltype(auto) scope_fifo(Body&& body) {
  return task_scope_fifo(*detail::require_worker("scope_fifo").pool()).run(std::forward<Body>(body));
}

}  // namespace pinfold
