// How much work a pool was given, how much of it it has done, and what its threads did for that.
#pragma once

#include <chrono>
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
///
/// `queue_high_water` is of the modes "counters" and "latency" of the pool's key `metrics`, and so is what is below it:
/// sums of worker_stats. They stay zero in other modes.
struct pool_stats {
  std::uint64_t accepted = 0;  ///< taken
  std::uint64_t running = 0;   ///< begun and not ended; several on a thread that runs others while one waits
  std::uint64_t finished = 0;  ///< ended, also by an exception

  std::uint64_t refused = 0;  ///< not taken: by a topology that does not run, or by try_post() for want of room

  /// The most that were accepted and not finished at one moment. It may miss a burst of less than 128 that is over
  /// before anybody looks, and counts what try_post() is about to give up for want of room.
  std::uint64_t queue_high_water = 0;

  /// The sums of what worker_stats has.
  /// @{
  std::uint64_t stolen = 0;
  std::uint64_t forked_inline = 0;
  std::uint64_t parks = 0;
  std::uint64_t wakes = 0;
  std::uint64_t spins = 0;
  std::chrono::nanoseconds busy{};
  /// @}

  /// Accepted and not begun; and coroutines of spawn_async() that have not ended.
  [[nodiscard]] constexpr std::uint64_t waiting() const noexcept { return accepted - running - finished; }

  /// Equal in all counts.
  friend constexpr bool operator==(const pool_stats&, const pool_stats&) noexcept = default;
};

/// What one thread of a pool has done, over all runs of the topology. `run` and `running` are counted in every mode;
/// the sum of `run` over the threads is what the pool has finished, but for what runs on no thread of its: in-place
/// scopes and coroutines of spawn_async() (whose steps are in it).
///
/// What each kind's threads do that is seen here: native workers all of it. Threads of asio pools sleep inside Asio
/// with `idle` "park", which is not seen, and with "spin" where it is; those of tbb pools sleep inside TBB, and what
/// TBB itself makes them run or steal is not seen, nor are I/O handlers of asio pools. Inside a wait (install() into
/// another pool, the end of a scope) the threads of all kinds sleep seen. `pinfold top` shows the voluntary switches of
/// each thread, whoever made it sleep.
struct worker_stats {
  std::uint64_t run = 0;      ///< pieces of the pool's work that it has ended
  std::uint64_t running = 0;  ///< begun and not ended; several where it runs others while one waits

  // Modes "counters" and "latency".
  std::uint64_t stolen = 0;         ///< native: taken from another worker's stack: forks, loops, spawned tasks
  std::uint64_t forked_inline = 0;  ///< native: see native_pool::overflowed()
  std::uint64_t parks = 0;          ///< it went to sleep; the kernel may have found it woken already
  std::uint64_t wakes = 0;          ///< it came back: parks - wakes is 1 while it sleeps
  std::uint64_t spins = 0;          ///< looks for work that found none, in a row that may end with sleep

  /// Mode "latency": from the begin of a task to its end, with what it waits for meanwhile, and with what the thread
  /// runs while it waits, once.
  std::chrono::nanoseconds busy{};

  /// Equal in all counts.
  friend constexpr bool operator==(const worker_stats&, const worker_stats&) noexcept = default;
};

}  // namespace pinfold
