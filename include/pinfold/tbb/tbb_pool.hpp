// A pool of pinfold's own threads that live inside a oneTBB arena.
#pragma once

#include <oneapi/tbb/task_arena.h>
#include <cstddef>

#include <pinfold/detail/basic_pool.hpp>
#include <pinfold/detail/sample_tables.hpp>
#include <pinfold/pool.hpp>
#include <pinfold/tbb/detail/tbb_pool_core.hpp>

namespace pinfold {

/// The workers name and pin themselves, then stay in the arena; TBB's own threads never enter it. Inside install(),
/// post() and the like, TBB's algorithms use this pool's threads and no others.
/// `spec.idle`: after the last task one worker looks for more of the pool's, and takes them without TBB's doing: with
/// "park" for 100 us, with "spin" for spin_us if that is longer, with "busy" for ever. Then it leaves waiting to TBB,
/// which looks for some 500 us more before it sleeps. While it looks it gives TBB a turn every 20 us, and it is there
/// for TBB's work as soon as a task runs. What tasks leave behind in TBB when they have ended (enqueued, or in a
/// task_group that nobody waits for) that worker does not help with meanwhile.
/// That is for posted tasks: once arena() was called, which lets work in that the pool does not know of, nobody looks
/// until the next start. Posting does not allocate in pinfold while one of 1024 slots of 112 bytes is free; TBB takes
/// its own small task from its own pool of them.
template <class Tables, std::size_t Index>
class tbb_pool : public detail::basic_pool<Tables, Index, detail::tbb_pool_core> {
  using base = detail::basic_pool<Tables, Index, detail::tbb_pool_core>;

 public:
  constexpr tbb_pool() noexcept : base(detail::memory_of<Tables, Index, slots>) {}

  /// The arena, for TBB's own interfaces: `enqueue` from anywhere. `execute` from outside may run the function on the
  /// calling thread where the arena has a free slot (a pool of one thread has): use install(). Ends the looking that
  /// `idle` says. Throws pool_stopped unless the topology runs; ends with it.
  [[nodiscard]] oneapi::tbb::task_arena& arena() { return this->core_.arena(); }

 private:
  static constexpr std::size_t slots = 1024;
};

static_assert(pool<tbb_pool<detail::sample_tables, 1>>);

}  // namespace pinfold
