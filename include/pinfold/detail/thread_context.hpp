// Which pool the calling thread belongs to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <pinfold/detail/thread_metrics.hpp>
#include <pinfold/detail/work_gauge.hpp>

namespace pinfold::detail {

class pool_core;
class topology_core;
class trace_channel;

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
  work_gauge* gauge = nullptr;          ///< of a thread that runs tasks
  worker_counters* counters = nullptr;  ///< where the pool has them, see metrics_mode
  latency_counts* latencies = nullptr;
  trace_channel* trace = nullptr;  ///< of a thread that its topology records
  bool discards = false;  ///< it destroys functions that a pool did not take: what their destructors submit goes too
  const topology_core* acts_for = nullptr;  ///< what it submits to this one's pools is accepted work's

  [[nodiscard]] bool works_for(const pool_core* candidate) const noexcept {
    return pool == candidate && role == thread_role::worker;
  }
};

extern constinit thread_local thread_context this_thread;

/// Lets the calling thread, whosever it is, submit for accepted work that does not end meanwhile.
class acts_as_accepted_work {
 public:
  explicit acts_as_accepted_work(const topology_core& topology) noexcept
      : before_(std::exchange(this_thread.acts_for, &topology)) {}
  acts_as_accepted_work(const acts_as_accepted_work&) = delete;
  acts_as_accepted_work& operator=(const acts_as_accepted_work&) = delete;
  ~acts_as_accepted_work() { this_thread.acts_for = before_; }

 private:
  const topology_core* before_;
};

/// How much of the calling worker's stack is in use. The more it is, the less a worker that waits takes on.
enum class stack_use : std::uint8_t {
  low,
  half,  ///< or more
  full   ///< seven eighths or more
};
[[nodiscard]] stack_use stack_in_use() noexcept;

/// Times what no queue hands out; inside a task, whose time goes on when this has ended.
class clocked_part {
 public:
  clocked_part() noexcept {
    if (this_thread.latencies != nullptr) this_thread.latencies->begins();
  }
  clocked_part(const clocked_part&) = delete;
  clocked_part& operator=(const clocked_part&) = delete;
  ~clocked_part() {
    if (this_thread.latencies != nullptr) this_thread.latencies->ends();
  }
};

}  // namespace pinfold::detail
