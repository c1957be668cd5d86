// Which pool the calling thread belongs to.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pinfold::detail {

class pool_core;

enum class thread_role : std::uint8_t {
  foreign,   ///< no pool's
  worker,    ///< one of `size()`
  blocking,  ///< runs `async_blocking` work of an asio pool
  managed    ///< from `spawn_thread`
};

struct thread_context {
  pool_core* pool = nullptr;
  std::size_t index = 0;
  thread_role role = thread_role::foreign;
  std::uint32_t task_depth = 0;  ///< accepted tasks on this thread's stack; a managed thread's function counts as one
  const char* stack = nullptr;   ///< a worker's, where its tasks begin; it grows down
  std::size_t stack_bytes = 0;
  bool discards = false;  ///< it destroys functions that a pool did not take: what their destructors submit goes too

  [[nodiscard]] bool works_for(const pool_core* candidate) const noexcept {
    return pool == candidate && role == thread_role::worker;
  }
};

extern constinit thread_local thread_context this_thread;

/// How much of the calling worker's stack is in use. The more it is, the less a worker that waits takes on.
enum class stack_use : std::uint8_t {
  low,
  half,  ///< or more
  full   ///< seven eighths or more
};
[[nodiscard]] stack_use stack_in_use() noexcept;

}  // namespace pinfold::detail
