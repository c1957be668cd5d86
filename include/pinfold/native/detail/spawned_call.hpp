// Tasks that are not joined: on the deque of the worker that spawns them, or through the injector from elsewhere.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <pinfold/native/detail/forked_call.hpp>
#include <pinfold/native/detail/native_pool_core.hpp>
#include <pinfold/native/detail/native_worker.hpp>

namespace pinfold::detail {

/// A body is called once, lets nothing escape, and says itself to whom it belongs that it is done.
template <class Body>
concept spawned_body = std::is_nothrow_invocable_v<Body&> && std::is_nothrow_move_constructible_v<Body>;

/// A body that does not fit a slot, in a slot of the pool's slab or on the heap.
template <spawned_body Body>
class boxed_body {
 public:
  boxed_body(native_pool_core& pool, Body&& body) : pool_(&pool), body_(pool.slab().allocate(sizeof(Body), alignof(Body))) {
    ::new (body_) Body(std::move(body));
  }

  void operator()() noexcept {
    Body& in_box = *std::launder(static_cast<Body*>(body_));
    Body body = std::move(in_box);
    in_box.~Body();
    pool_->slab().deallocate(body_, sizeof(Body), alignof(Body));
    body();
  }

 private:
  native_pool_core* pool_;
  void* body_;
};

template <spawned_body Body>
struct spawned_call {
  /// On the calling worker's deque; at once where all slots are taken.
  static void push(native_worker& worker, Body&& body) {
    if constexpr (!fits_slot<Body>) {
      spawned_call<boxed_body<Body>>::push(worker, boxed_body<Body>(*worker.pool(), std::move(body)));
    } else {
      fork_slot* const slot = worker.head();
      if (!worker.is_calm(slot) && !worker.make_room()) {
        body();
        return;
      }
      slot->run = &run_spawned;
      ::new (static_cast<void*>(slot->bytes)) Body(std::move(body));
      worker.spawned();
    }
  }

 private:
  // The slot is its owner's again before the body runs.
  static void run_spawned(fork_slot& slot, native_worker* owner) noexcept {
    Body& in_slot = *std::launder(reinterpret_cast<Body*>(slot.bytes));
    Body body = std::move(in_slot);
    in_slot.~Body();
    if (owner != nullptr) owner->finish(slot);
    body();
  }
};

template <spawned_body Body>
void push_spawned(native_worker& worker, Body body) {
  spawned_call<Body>::push(worker, std::move(body));
}

/// The same in the order of a queue: the body waits on the worker's shelf, a token lies on its deque.
template <spawned_body Body>
class shelved_body final : public fifo_shelf::entry {
 public:
  static void push(native_worker& worker, const void* scope, Body&& body) {
    void* const bytes = worker.pool()->slab().allocate(sizeof(shelved_body), alignof(shelved_body));
    worker.shelf().push(*::new (bytes) shelved_body(*worker.pool(), scope, std::move(body)));
    push_spawned(worker, token{.worker = &worker, .scope = scope});
  }

 private:
  struct token {
    native_worker* worker;
    const void* scope;

    void operator()() noexcept {
      task& oldest = worker->shelf().pop(scope);
      oldest.run(oldest);
    }
  };

  shelved_body(native_pool_core& pool, const void* scope, Body&& body)
      : entry(&shelved_body::run_shelved, scope), pool_(pool), body_(std::move(body)) {}

  static void run_shelved(task& item) noexcept {
    auto& self = static_cast<shelved_body&>(item);
    Body body = std::move(self.body_);
    native_pool_core& pool = self.pool_;
    self.~shelved_body();
    pool.slab().deallocate(&self, sizeof(self), alignof(shelved_body));
    body();
  }

  native_pool_core& pool_;
  Body body_;
};

/// A body that a thread outside the pool hands over. Somebody may wait for it.
template <spawned_body Body>
class injected_body final : public task {
 public:
  /// Throws pool_stopped; then the body was not called.
  static void submit(native_pool_core& pool, Body&& body) {
    void* const bytes = pool.slab().allocate(sizeof(injected_body), alignof(injected_body));
    auto* const self = ::new (bytes) injected_body(pool, std::move(body));
    try {
      pool.submit(*self);
    } catch (...) {
      self->free();
      throw;
    }
  }

 private:
  injected_body(native_pool_core& pool, Body&& body)
      : task(&injected_body::run_injected, true), pool_(pool), body_(std::move(body)) {}

  static void run_injected(task& item) noexcept {
    auto& self = static_cast<injected_body&>(item);
    native_pool_core& pool = self.pool_;
    {
      Body body = std::move(self.body_);
      self.free();
      body();
    }
    pool.finished();
  }

  void free() noexcept {
    native_pool_core& pool = pool_;
    this->~injected_body();
    pool.slab().deallocate(this, sizeof(*this), alignof(injected_body));
  }

  native_pool_core& pool_;
  Body body_;
};

/// A body that its pool counts, spawned on a worker.
template <spawned_body Body>
struct counted_body {
  native_pool_core* pool;
  Body body;

  void operator()() noexcept {
    {
      Body own = std::move(body);
      this_worker->run_counted(own);
    }
    pool->finished();
  }
};

/// A function that nobody waits for: its exceptions are the handler's.
template <class F>
struct detached_body {
  native_pool_core* pool;
  F f;

  void operator()() noexcept {
    F function(std::move(f));
    try {
      std::invoke(std::move(function));
    } catch (...) {
      pool->report_escaped(std::current_exception());
    }
  }
};

}  // namespace pinfold::detail
