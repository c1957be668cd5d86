// Scopes in pools of any kind: tasks that may borrow what lives longer than the scope, because it waits for all of
// them.
#pragma once

#include <type_traits>
#include <utility>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/scope_core.hpp>
#include <pinfold/detail/scope_task.hpp>
#include <pinfold/detail/slab_task.hpp>

namespace pinfold {

/// Lives while its body and the tasks spawned in it run. Its members may be called by any thread that is inside it: the
/// body, its tasks, and whatever those wait for.
class pool_scope : public detail::scope_base {
 public:
  /// Runs `f()` or `f(scope)` on some worker of the scope's pool before the scope ends. What it borrows must outlive
  /// the scope. Does not block; does not allocate while a slot of the pool's slab is free and the closure is of at most
  /// 64 bytes (TBB and Asio have pools of their own for what they add). What one worker spawns it runs last first;
  /// other workers take the oldest. Throws what moving `f` throws.
  template <detail::scope_function<pool_scope> F>
  void spawn(F&& f) {
    using body = detail::scoped_body<pool_scope, std::decay_t<F>>;
    core_.begin();
    try {
      auto& item =
          detail::slab_task<detail::scope_task, body>::make(pool_, body{.scope = this, .f = std::forward<F>(f)});
      try {
        pool_.spawn_part(item);
      } catch (...) {
        item.free();
        throw;
      }
    } catch (...) {
      core_.end();
      throw;
    }
  }

  /// For pinfold itself.
  /// @{
  using pool_type = detail::pool_core;

  pool_scope(detail::pool_core& pool, detail::scope_core& core, cancellation_source& cancellation) noexcept
      : scope_base(core, cancellation), pool_(pool) {}

  // What waits for the scope's end runs them by itself.
  static void run_own() noexcept {}
  /// @}

 private:
  detail::pool_core& pool_;
};

}  // namespace pinfold
