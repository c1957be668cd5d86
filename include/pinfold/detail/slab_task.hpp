// A function as a task in memory of its pool, for queues that link tasks.
#pragma once

#include <memory>
#include <new>
#include <utility>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/task.hpp>

namespace pinfold::detail {

/// In a slot of the pool's slab, or on the heap where none is free or it is larger. Runs its body, frees itself, and
/// then calls what the body has returned, which tells those who wait: they may end whatever the body came from.
template <class Base, class Body>
class slab_task final : public Base {
 public:
  /// Throws what the body's move throws, and std::bad_alloc.
  template <class... Arguments>
  static slab_task& make(pool_core& pool, Body&& body, Arguments... for_base) {
    void* const bytes = pool.slab().allocate(sizeof(slab_task), alignof(slab_task));
    try {
      return *::new (bytes) slab_task(pool, std::move(body), for_base...);
    } catch (...) {
      pool.slab().deallocate(bytes, sizeof(slab_task), alignof(slab_task));
      throw;
    }
  }

  /// Without a call of the body.
  void free() noexcept {
    pool_core& pool = pool_;
    std::destroy_at(this);
    pool.slab().deallocate(this, sizeof(slab_task), alignof(slab_task));
  }

 private:
  template <class... Arguments>
  slab_task(pool_core& pool, Body&& body, Arguments... for_base)
      : Base(&run_and_free, for_base...), pool_(pool), body_(std::move(body)) {}

  static void run_and_free(task& item) noexcept {
    auto& self = static_cast<slab_task&>(item);
    auto done = self.body_();
    self.free();
    done();
  }

  pool_core& pool_;
  Body body_;
};

}  // namespace pinfold::detail
