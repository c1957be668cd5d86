// Scopes: tasks that may borrow what lives longer than the scope, because the scope waits for all of them.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <pinfold/cancellation.hpp>
#include <pinfold/detail/scope_core.hpp>
#include <pinfold/native/detail/spawned_call.hpp>
#include <pinfold/native/spawn.hpp>

namespace pinfold {

/// Lives while its body and the tasks spawned in it run. Its members may be called by any thread that is inside it: the
/// body, its tasks, and whatever those wait for.
template <detail::spawn_order Order>
class basic_task_scope : public detail::scope_base {
 public:
  /// Runs `f()` or `f(scope)` on some worker of the scope's pool before the scope ends. What it borrows must outlive
  /// the scope. Does not block; does not allocate on a worker while `task_slots` are left and the closure is of at most
  /// 40 bytes and moves without throwing (else it takes a slot of the pool's slab, as from other threads and for the
  /// FIFO order). Order on one worker: of a task_scope the last spawned runs first, of a task_scope_fifo the first.
  /// Throws what moving `f` throws.
  template <detail::scope_function<basic_task_scope> F>
  void spawn(F&& f) {
    using body = detail::scoped_body<basic_task_scope, std::decay_t<F>>;
    core_.begin();
    try {
      body item{.scope = this, .f = std::forward<F>(f)};
      if (detail::native_worker* const worker = pool_.worker_here()) {
        if constexpr (Order == detail::spawn_order::fifo) {
          detail::push_shelved(*worker, this, std::move(item));
        } else {
          detail::push_spawned(*worker, std::move(item));
        }
      } else {
        using counted = detail::counted_body<detail::told::after, body>;
        detail::inject(pool_, counted{.pool = &pool_, .body = std::move(item)}, detail::admission::of_part);
      }
    } catch (...) {
      core_.end();
      throw;
    }
  }

  /// For pinfold itself.
  /// @{
  using pool_type = detail::native_pool_core;

  // By the thread that runs the body.
  basic_task_scope(detail::native_pool_core& pool, detail::scope_core& core, cancellation_source& cancellation) noexcept
      : scope_base(core, cancellation), pool_(pool) {
    if (const detail::native_worker* const worker = pool.worker_here()) base_ = worker->head();
  }

  // By the same thread, at the end of the body.
  void run_own() noexcept {
    if (base_ != nullptr) pool_.worker_here()->run_spawned_above(base_);
  }
  /// @}

 private:
  detail::native_pool_core& pool_;
  detail::fork_slot* base_ = nullptr;  // what the body spawns on its worker lies above it
};

/// Of what one worker spawns in it, the last runs first.
using task_scope = basic_task_scope<detail::spawn_order::lifo>;
/// Of what one worker spawns in it, the first runs first.
using task_scope_fifo = basic_task_scope<detail::spawn_order::fifo>;

/// Calls `body(task_scope&)`, waits until every task spawned in the scope has ended, and returns what the body
/// returned. All tasks run even if one throws or the body does; then the exception that came first is rethrown. On a
/// worker of a native pool, which runs the pool's work while it waits; throws outside_pool elsewhere. Does not allocate
/// by itself.
template <std::invocable<task_scope&> Body>
decltype(auto) scope(Body&& body) {
  return detail::run_scope<task_scope>(*detail::require_worker("scope").pool(), std::forward<Body>(body));
}

/// The same, with tasks spawned on one worker running in the order of their spawning.
template <std::invocable<task_scope_fifo&> Body>
decltype(auto) scope_fifo(Body&& body) {
  return detail::run_scope<task_scope_fifo>(*detail::require_worker("scope_fifo").pool(), std::forward<Body>(body));
}

}  // namespace pinfold
