// What can be watched of a pool's tasks and workers: the pools' code calls these, and nothing else, where it happens.
// All but posted() are called by the thread that it happens to.
#pragma once

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/task.hpp>
#include <pinfold/detail/thread_context.hpp>

namespace pinfold::detail::probes {

/// By any thread: the task was accepted, and is handed over next; once it is, it may be gone.
inline void posted(const pool_core&, task&) noexcept {}

/// On a thread of the pool, before and after the function. Also parts of scopes, which do not count as tasks.
inline void starts(const task&) noexcept {}
inline void finished() noexcept {}

/// A worker of a native pool took a task from another's stack, which it runs next.
inline void stole(const pool_core&, std::size_t /*victim*/) noexcept {}

/// Lives while a worker sleeps. Where Asio's or TBB's own loop sleeps, nobody is told.
class asleep {
 public:
  explicit asleep(const pool_core&) noexcept {}
  asleep(const asleep&) = delete;
  asleep& operator=(const asleep&) = delete;
  ~asleep() {}  // NOLINT(modernize-use-equals-default): something will happen here
};

/// A worker looked for work and found none, and looks again.
inline void looked_in_vain() noexcept {}

}  // namespace pinfold::detail::probes
