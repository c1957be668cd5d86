// How much work a pool was given, and how much of it it has done.
#pragma once

#include <cstdint>

namespace pinfold {

/// Pieces of work, over all runs of the topology. Each counts once: what is posted, installed, executed or spawned; of
/// a broadcast each thread's part; an asynchronous operation, and its completion if that is handed to the pool; a call
/// on a blocking thread; an in-place scope, which runs on its caller; a coroutine of spawn_async(), which never runs
/// itself, and each of its steps. What a native worker keeps to itself (forks, loops, tasks of scopes) is part of the
/// piece that made it and does not count.
///
/// Exact while nothing changes. Read while the pool works, the numbers are of slightly different moments, but fit each
/// other: running + finished <= accepted, and no thread runs more than it has begun and not ended.
struct pool_stats {
  std::uint64_t accepted = 0;  ///< taken; what was refused is in none of the numbers
  std::uint64_t running = 0;   ///< begun and not ended; several on a thread that runs others while one waits
  std::uint64_t finished = 0;

  /// Accepted and not begun; and coroutines of spawn_async() that have not ended.
  [[nodiscard]] constexpr std::uint64_t waiting() const noexcept { return accepted - running - finished; }

  friend constexpr bool operator==(const pool_stats&, const pool_stats&) noexcept = default;
};

}  // namespace pinfold
