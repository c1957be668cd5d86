// A pool of task workers that pinfold schedules itself, and of managed threads beside them.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>

#include <pinfold/detail/basic_pool.hpp>
#include <pinfold/detail/call_site.hpp>
#include <pinfold/detail/crossing.hpp>
#include <pinfold/detail/sample_tables.hpp>
#include <pinfold/native/detail/native_pool_core.hpp>
#include <pinfold/native/detail/pool_statics.hpp>
#include <pinfold/native/fork.hpp>
#include <pinfold/native/future.hpp>
#include <pinfold/native/managed_thread.hpp>
#include <pinfold/native/parallel.hpp>
#include <pinfold/native/scope.hpp>
#include <pinfold/native/spawn.hpp>
#include <pinfold/pool.hpp>

namespace pinfold {

/// `spec.threads` workers that steal from each other. What is posted runs in the order of arrival, as workers get free;
/// what a task forks or spawns (fork.hpp, parallel.hpp, scope.hpp, spawn.hpp) stays on its worker until another one
/// asks for work. What idle workers do is `spec.idle`. Posting does not allocate while one of the pool's slots (of 112
/// bytes, twice `inject_slots`) is free.
template <class Tables, std::size_t Index>
class native_pool : public detail::basic_pool<Tables, Index, detail::native_pool_core, task_scope> {
  using base = detail::basic_pool<Tables, Index, detail::native_pool_core, task_scope>;
  using call_site = detail::call_site;

 public:
  using base::spec;

  constexpr native_pool() noexcept
      : base(detail::memory_of<Tables, Index, (spec.threads == 0 ? 0 : 2 * spec.inject_slots)>,
             detail::native_statics<Tables, Index>::storage) {}

  /// Fire and forget, in the order of arrival. Any thread. While `inject_slots` tasks wait to be run it blocks until
  /// there is room; but not on a worker of any pool, whose task waits beyond the limit instead: pools that post to each
  /// other must not wait for each other. Does not allocate while one of the pool's slots is free and the function fits
  /// one. Throws pool_stopped, or what copying `f` throws. An exception that leaves `f` goes to
  /// start_options::on_exception.
  template <class F>
    requires std::invocable<std::decay_t<F>>
  void post(F&& f, call_site site = call_site::current()) {
    this->require_workers();
    this->core_.post(detail::send(this->core_, site, std::forward<F>(f)));
  }

  /// post() that does not block: false where there is no room, and `f` was not taken (moved from all the same).
  template <class F>
    requires std::invocable<std::decay_t<F>>
  [[nodiscard]] bool try_post(F&& f, call_site site = call_site::current()) {
    this->require_workers();
    detail::crossing task(this->core_, site);
    if (!this->core_.try_post(task.watched(std::forward<F>(f)))) return false;
    task.sent();
    return true;
  }

  /// pinfold::spawn() on a worker of this pool; elsewhere the function is handed over like a posted one, without
  /// waiting for room.
  template <class F>
    requires std::invocable<std::decay_t<F>>
  void spawn(F&& f, call_site site = call_site::current()) {
    spawn_in_order<detail::spawn_order::lifo>(std::forward<F>(f), site);
  }

  /// pinfold::spawn_fifo() in the same way.
  template <class F>
    requires std::invocable<std::decay_t<F>>
  void spawn_fifo(F&& f, call_site site = call_site::current()) {
    spawn_in_order<detail::spawn_order::fifo>(std::forward<F>(f), site);
  }

  /// pinfold::spawn_future() in this pool. Any thread; does not block. Throws pool_stopped, or what copying `f` throws.
  template <class F>
    requires std::invocable<std::decay_t<F>>
  auto spawn_future(F&& f, call_site site = call_site::current()) {
    this->require_workers();
    return detail::spawn_future_in(this->core_, detail::send(this->core_, site, std::forward<F>(f)));
  }

  /// Runs a copy of `f` once on every worker, each as soon as it gets to it. Any thread; does not wait. Exceptions go
  /// to start_options::on_exception. Takes a slot of the pool's slab for each worker. Throws pool_stopped, or what
  /// copying `f` throws; then no worker runs it.
  template <std::copy_constructible F>
    requires std::invocable<F&>
  void spawn_broadcast(const F& f, call_site site = call_site::current()) {
    this->require_workers();
    detail::crossing task(this->core_, site);
    task.sent(spec.threads);
    this->core_.template spawn_broadcast<spec.threads>(task.watched(f));
  }

  /// scope() in which tasks spawned on one worker run in the order of their spawning.
  template <class Body>
  decltype(auto) scope_fifo(Body&& body, call_site site = call_site::current()) {
    this->require_workers();
    return this->template scope_in_pool<task_scope_fifo>(std::forward<Body>(body), "scope_fifo", site);
  }

  /// in_place_scope() in the same way.
  template <class Body>
  decltype(auto) in_place_scope_fifo(Body&& body, call_site site = call_site::current()) {
    this->require_workers();
    return this->template scope_in_place<task_scope_fifo>(std::forward<Body>(body), "in_place_scope_fifo", site);
  }

  /// Forks that ran in their join, and spawned tasks that ran at once or through the pool's queue, because all of a
  /// worker's `task_slots` were taken: forked_inline of stats(), whatever `metrics` says. Any thread; does not block;
  /// exact once the pool is idle.
  [[nodiscard]] std::uint64_t overflowed() const noexcept { return this->core_.overflowed(); }

  /// Starts a thread of the pool's policy and stack that runs `f()`, or `f(std::stop_token)`, which sees the stop of
  /// the topology. The thread holds one of the pool's cores (with `pin = "thread"`: the one that the fewest managed
  /// threads hold, last in the set first, where the workers are not) and gives it and its place among `max_threads`
  /// back when `f` ends.
  /// Any thread; blocks until the new thread is set up; allocates. `name`: 1 to 15 bytes, for the kernel.
  /// Throws thread_limit when `max_threads` are running, thread_failed when it cannot be created or set up,
  /// pool_stopped, std::invalid_argument for the name.
  template <class F>
    requires std::invocable<std::decay_t<F>> || std::invocable<std::decay_t<F>, std::stop_token>
  [[nodiscard]] auto spawn_thread(std::string_view name, F&& f) {
    static_assert(spec.max_threads > 0, "this pool has no managed threads: set max_threads in its table");
    using function = std::decay_t<F>;
    using result = typename detail::managed_result<function>::type;
    auto state = std::make_shared<detail::managed_call<function, result>>(std::forward<F>(f));
    this->core_.spawn(state, name);
    return managed_thread<result>(this->core_, std::move(state));
  }

  /// Managed threads that have not ended. Any thread.
  [[nodiscard]] std::size_t managed_threads() const noexcept { return this->core_.managed_threads(); }

 private:
  template <detail::spawn_order Order, class F>
  void spawn_in_order(F&& f, call_site site) {
    this->require_workers();
    if (detail::native_worker* const worker = this->core_.worker_here()) {
      detail::spawn_on<Order>(*worker, std::forward<F>(f));
    } else {
      detail::pool_core& any = this->core_;
      any.post(detail::send(any, site, std::forward<F>(f)));
    }
  }
};

static_assert(pool<native_pool<detail::sample_tables, 2>>);

}  // namespace pinfold
