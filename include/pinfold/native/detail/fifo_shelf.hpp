// What spawn_fifo() has left on a worker, in the order of the calls.
#pragma once

#include <mutex>

#include <pinfold/detail/task.hpp>

namespace pinfold::detail {

/// Tasks given to spawn_fifo() on one worker, oldest first, each belonging to a scope (or to none). For each of them a
/// spawned task lies on the deque; who runs that takes the oldest of the same scope.
class fifo_shelf {
 public:
  struct entry : task {
    explicit constexpr entry(function body, const void* of_scope) noexcept : task(body), scope(of_scope) {}
    const void* scope;
  };

  void push(entry& item) noexcept;
  /// There is one, since somebody has its place on the deque.
  [[nodiscard]] entry& pop(const void* scope) noexcept;

 private:
  std::mutex mutex_;
  task_list entries_;  // guarded by mutex_
};

}  // namespace pinfold::detail
