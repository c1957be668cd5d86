// Tasks that are not joined: on the deque of the worker that spawns them, or through the injector from elsewhere.
#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <pinfold/detail/slab_task.hpp>
#include <pinfold/detail/thread_context.hpp>
#include <pinfold/native/detail/forked_call.hpp>
#include <pinfold/native/detail/native_pool_core.hpp>
#include <pinfold/native/detail/native_worker.hpp>

namespace pinfold::detail {

/// A body is called once and lets nothing escape. What it returns is called when the body, and with it what the user's
/// function captured, has been destroyed: it tells those who wait.
template <class Body>
concept spawned_body = std::is_nothrow_invocable_v<Body&> && std::is_nothrow_invocable_v<std::invoke_result_t<Body&>>;

/// A body that does not fit a slot, or whose move may throw, in a slot of the pool's slab or on the heap.
template <spawned_body Body>
class boxed_body {
 public:
  boxed_body(native_pool_core& pool, Body&& body) : pool_(&pool) {
    void* const bytes = pool.slab().allocate(sizeof(Body), alignof(Body));
    try {
      body_ = ::new (bytes) Body(std::move(body));
    } catch (...) {
      pool.slab().deallocate(bytes, sizeof(Body), alignof(Body));
      throw;
    }
  }

  auto operator()() noexcept {
    auto done = (*body_)();
    std::destroy_at(body_);
    pool_->slab().deallocate(body_, sizeof(Body), alignof(Body));
    return done;
  }

 private:
  native_pool_core* pool_;
  Body* body_;
};

template <class Body>
inline constexpr bool fits_deque = fits_slot<Body> && std::is_nothrow_move_constructible_v<Body>;

/// To the pool's queue.
template <spawned_body Body>
void divert(native_pool_core& pool, Body&& body);

/// Onto the calling worker's deque; where all slots are taken it is called at once, or goes to the pool's queue where
/// that would take too much stack.
template <spawned_body Body>
  requires fits_deque<Body>
void push_spawned(native_worker& worker, Body&& body) {
  if (!worker.is_calm(worker.head()) && !worker.make_room()) {
    if (stack_in_use() != stack_use::low) return divert(*worker.pool(), std::forward<Body>(body));
    const clocked_part inside_another;
    body()();
    return;
  }
  fork_slot& slot = *worker.head();
  // The slot is its owner's again before the body is called.
  slot.run = [](fork_slot& taken, native_worker* owner) noexcept {
    Body* const in_slot = std::launder(reinterpret_cast<Body*>(taken.bytes));
    const auto call = [&] {
      Body own = std::move(*in_slot);
      std::destroy_at(in_slot);
      if (owner != nullptr) owner->finish(taken);
      return own();
    };
    call()();
  };
  ::new (static_cast<void*>(slot.bytes)) Body(std::forward<Body>(body));
  worker.spawned();
}

template <spawned_body Body>
void push_spawned(native_worker& worker, Body&& body) {
  push_spawned(worker, boxed_body<Body>(*worker.pool(), std::forward<Body>(body)));
}

/// Onto the calling worker's deque in the order of a queue: the body waits on the worker's shelf, a token lies on the
/// deque.
template <spawned_body Body>
void push_shelved(native_worker& worker, const void* scope, Body&& body) {
  worker.shelf().push(slab_task<fifo_shelf::entry, Body>::make(*worker.pool(), std::forward<Body>(body), scope));
  push_spawned(worker, [&worker, scope]() noexcept {
    task& oldest = worker.shelf().pop(scope);
    oldest.run(oldest);
    return []() noexcept {};
  });
}

/// To some worker; somebody may wait for it. Throws pool_stopped, and what the body's move throws; then it is not
/// called.
template <spawned_body Body>
void inject(native_pool_core& pool, Body&& body, admission as = admission::of_new_work) {
  auto& item = slab_task<task, Body>::make(pool, std::forward<Body>(body), task_kind::awaited);
  try {
    if (as == admission::of_part) {
      pool.submit_part(item);
    } else {
      pool.submit(item);
    }
  } catch (...) {
    item.free();
    throw;
  }
}

/// A body that is finished for the gate before or after those are told who wait for it.
enum class told : bool { before, after };

template <told Waiters, spawned_body Body>
struct counted_body {
  native_pool_core* pool;
  Body body;

  auto operator()() noexcept {
    return [pool = pool, done = body()]() noexcept {
      if constexpr (Waiters == told::before) done();
      pool->finished();
      if constexpr (Waiters == told::after) done();
    };
  }
};

// It is part of a task that does not end before, or counts itself: it does not count as one that is handed over.
template <spawned_body Body>
void divert(native_pool_core& pool, Body&& body) {
  auto& item = slab_task<task, Body>::make(pool, std::forward<Body>(body), task_kind::part);
  try {
    pool.submit_uncounted(item);
  } catch (...) {
    item.free();
    throw;
  }
}

/// The same for one that a worker of the pool spawns, whichever worker it comes to: no queue says that it begins.
template <spawned_body Body>
struct counted_here {
  counted_body<told::before, Body> counted;

  auto operator()() noexcept {
    this_thread.gauge->begin();
    return counted();
  }
};

enum class spawn_order : bool { lifo, fifo };

/// Throws pool_stopped, and what the body's move throws; then it is not called.
template <spawn_order Order, spawned_body Body>
void spawn_counted(native_worker& worker, Body&& body) {
  native_pool_core& pool = *worker.pool();
  pool.enter(1, holding::no);
  try {
    counted_here<Body> item{{.pool = &pool, .body = std::forward<Body>(body)}};
    if constexpr (Order == spawn_order::fifo) {
      push_shelved(worker, nullptr, std::move(item));
    } else {
      push_spawned(worker, std::move(item));
    }
  } catch (...) {
    pool.gate().take_back(1, holding::no);
    throw;
  }
}

/// A function that nobody waits for: its exceptions are the handler's. A worker of the pool that it was spawned on
/// runs it.
template <class F>
struct detached_body {
  F f;

  auto operator()() noexcept {
    try {
      std::invoke(std::move(f));
    } catch (...) {
      this_thread.pool->report_escaped(std::current_exception());
    }
    return []() noexcept {};
  }
};

}  // namespace pinfold::detail
