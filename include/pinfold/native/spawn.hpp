// Tasks that nobody waits for.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <pinfold/native/detail/spawned_call.hpp>

namespace pinfold {

namespace detail {

template <spawn_order Order, class F>
void spawn_on(native_worker& worker, F&& f) {
  spawn_counted<Order>(worker, detached_body<std::decay_t<F>>{.f = std::forward<F>(f)});
}

}  // namespace detail

/// Runs `f` on some worker of the pool that this thread works for: here, when the task that called it has ended or
/// waits, or wherever a worker is free before. Of those spawned on one worker the last runs first. Does not block; does
/// not allocate while `task_slots` are left and the closure has at most 40 bytes and moves without throwing (else it
/// takes a slot of the pool's slab, or the heap where none is left). An exception that leaves `f` goes to
/// start_options::on_exception. Throws outside_pool elsewhere: there, use the pool's spawn().
template <class F>
  requires std::invocable<std::decay_t<F>>
void spawn(F&& f) {
  detail::spawn_on<detail::spawn_order::lifo>(detail::require_worker("spawn"), std::forward<F>(f));
}

/// The same in the order of spawning; each takes a slot of the pool's slab, or the heap where none is left.
template <class F>
  requires std::invocable<std::decay_t<F>>
void spawn_fifo(F&& f) {
  detail::spawn_on<detail::spawn_order::fifo>(detail::require_worker("spawn_fifo"), std::forward<F>(f));
}

/// What yield_now() and yield_local() did.
enum class yielded : bool { idle, ran_a_task };

/// Runs one other task of the pool, if there is one that can run here: this worker's own, one of another worker, or one
/// that was posted; idle also when more than half of the worker's stack is in use. On a worker of a native pool; throws
/// outside_pool elsewhere.
yielded yield_now();

/// The same, but only a task that was forked or spawned on this worker.
yielded yield_local();

/// Tasks that were forked or spawned on this worker have not begun. Throws outside_pool elsewhere.
bool has_pending_tasks();

/// Runs the pool's work until nothing that the pool accepted is unfinished but the tasks that are in sync_all(), all of
/// which then go on. Scopes and forks that wait in the same task are not waited for: they end in it. In a posted,
/// installed or spawned function (in a part of one that was forked it would wait for itself: would_block); throws
/// would_block too where calls of it have filled half of the worker's stack, and outside_pool on a thread that is no
/// worker of a native pool.
void sync_all();

}  // namespace pinfold
