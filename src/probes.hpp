// What can be watched of a pool's tasks and workers: the pools' code calls these, and nothing else, where it happens.
// All but posted() are called by the thread that it happens to.
#pragma once

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/task.hpp>
#include <pinfold/detail/thread_context.hpp>
#include <pinfold/detail/thread_metrics.hpp>

#include "trace_buffer.hpp"
#include "tracepoints.hpp"

namespace pinfold::detail::probes {

/// By any thread: the task was accepted, and is handed over next; once it is, it may be gone.
inline void posted(const pool_core& pool, task& item) noexcept {
  if (pool.measures_latency()) latency_counts::stamp(item);
  tracepoints::post(pool, item);
  record(trace_kind::post, &item, &pool);
}
/// By the same thread, where the pool then had no room or no memory for it after all.
inline void taken_back(task& item) noexcept { record(trace_kind::taken_back, &item); }

/// On a thread of the pool, before and after the function. Also parts of scopes, which do not count as tasks.
inline void starts(const task& item) noexcept {
  tracepoints::start(item);
  record(item.counts() ? trace_kind::start : trace_kind::start_part, &item);
  if (this_thread.latencies != nullptr) this_thread.latencies->starts(item);
}
inline void finished() noexcept {
  if (this_thread.latencies != nullptr) this_thread.latencies->ends();
  tracepoints::finish();
  record(trace_kind::finish);
}

/// A worker of a native pool took a task from another's stack, which it runs next.
inline void stole(const pool_core& pool, std::size_t victim) noexcept {
  tracepoints::steal(pool, victim);
  record(trace_kind::steal, victim);
  if (this_thread.counters != nullptr) this_thread.counters->stolen.add(1);
}

/// Lives while a worker sleeps. Where Asio's or TBB's own loop sleeps, nobody is told.
class asleep {
 public:
  explicit asleep(const pool_core& pool) noexcept {
    tracepoints::park(pool);
    record(trace_kind::park);
    if (this_thread.counters != nullptr) this_thread.counters->parks.add(1);
  }
  asleep(const asleep&) = delete;
  asleep& operator=(const asleep&) = delete;
  ~asleep() {
    if (this_thread.counters != nullptr) this_thread.counters->wakes.add(1);
    tracepoints::wake();
    record(trace_kind::wake);
  }
};

/// A worker looked for work and found none, and looks again.
inline void looked_in_vain() noexcept {
  if (this_thread.counters != nullptr) this_thread.counters->spins.add(1);
}

}  // namespace pinfold::detail::probes
