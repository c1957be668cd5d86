// The constexpr description of a pool, as the generator writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace pinfold {

/// Who schedules the pool's work: Boost.Asio, oneTBB or pinfold itself.
enum class pool_kind : std::uint8_t { asio, tbb, native };

/// Where thread i of a pool may run.
enum class pin_mode : std::uint8_t {
  thread,  ///< on the i-th core as written
  set,     ///< on any core of the pool
  none     ///< wherever its creator could
};

/// The kernel's scheduling policies: SCHED_OTHER, SCHED_BATCH and so on.
enum class sched_policy : std::uint8_t { other, batch, idle, fifo, rr, deadline };

/// What a thread does when nothing is to do. In a tbb pool one thread looks again, the others wait as TBB does.
enum class idle_strategy : std::uint8_t {
  park,  ///< sleep in the kernel
  spin,  ///< look again for `spin_us`, then sleep
  busy   ///< look again for ever
};

/// How the threads of an asio pool share io_contexts.
enum class context_mode : std::uint8_t { shared, per_thread };

/// What a pool counts about itself; see pool_stats, worker_stats and latency_histogram.
enum class metrics_mode : std::uint8_t {
  off,       ///< its tasks, which cost nothing to count; no memory beside the pool's own
  counters,  ///< also what each thread steals and how often it sleeps, and the longest queue
  latency    ///< also how long tasks wait and threads are busy: three looks at the clock a task
};

/// SCHED_DEADLINE parameters in microseconds; all zero where the policy is another.
struct deadline_spec {
  std::uint64_t runtime_us = 0;   ///< CPU time that a thread gets in each period
  std::uint64_t deadline_us = 0;  ///< by when in the period it must have got it
  std::uint64_t period_us = 0;    ///< how long a period is
};

/// What a core shares with others: the same number, the same core, cache or node.
struct core_place {
  int core = 0;       ///< physical core: SMT siblings share it
  int cache = 0;      ///< last-level cache
  int numa_node = 0;  ///< memory that is near
};

/// One pool of a topology. The defaults are those of the topology file.
struct pool_spec {
  std::string_view name;                         ///< of its table: "net" of [asio.net]
  pool_kind kind = pool_kind::native;            ///< of its table: asio of [asio.net]
  std::span<const int> cores = {};               ///< CPU numbers in the order written; empty: the pool owns none
  std::span<const core_place> core_places = {};  ///< of each of `cores`; empty: the machine is not known
  std::size_t threads = 0;                       ///< workers, `size()` of the pool
  pin_mode pin = pin_mode::thread;               ///< where each may run
  sched_policy policy = sched_policy::other;     ///< of the kernel's, for all its threads
  int priority = 0;                              ///< 1..99 with fifo and rr, else 0
  std::optional<int> nice = {};                  ///< -20..19 with other and batch; empty: as the process was started
  deadline_spec deadline = {};                   ///< with deadline, else zero
  idle_strategy idle = idle_strategy::park;      ///< what workers do when nothing is to do
  std::uint32_t spin_us = 50;                    ///< of idle_strategy::spin, microseconds
  std::size_t stack_kib = 2048;                  ///< of each thread, KiB
  bool prefault_stack = false;                   ///< stacks are in memory before the first task
  bool exclusive = false;                        ///< no other pool has its cores, nor has the process
  std::string_view thread_name = {};             ///< threads are called `thread_name`-`index`
  std::size_t blocking_threads = 0;              ///< asio
  context_mode contexts = context_mode::shared;  ///< asio
  bool allow_blocking = false;                   ///< asio
  std::size_t max_threads = 0;                   ///< native: managed threads beside the workers
  std::size_t task_slots = 8192;                 ///< native: forked tasks that a worker can hold
  std::size_t inject_slots = 4096;               ///< native: posted tasks that can wait; a power of two
  metrics_mode metrics = metrics_mode::off;      ///< what it counts about itself
  std::string_view description = {};             ///< for people
};

/// The name of a pool as code may write it: declared, an alias, or the name of a pool that a fallback stands in for.
///
/// The name is a pointer because a topology may have thousands: compilers measure the text of every string_view that
/// they construct, in their interpreter, and each user of the header would wait for it (bench/codegen_scale).
struct name_binding {
  const char* name;  ///< as code writes it
  pool_kind kind;    ///< of the pool
  std::size_t pool;  ///< index into the topology's pools
};

/// What a lookup of an undeclared name does: take the kind's default with a warning, or fail to compile.
enum class undeclared_names : std::uint8_t { fallback, error };

/// What `start()` does about problems: throw them all, or run what it can and keep them. A thread that cannot be
/// created, a pool that cannot be opened and a malformed CPU map are thrown always: nothing could stand in for them.
enum class failure_response : std::uint8_t { fail, degrade };

/// TBB work started outside every pool: kept to its own thread, or left to TBB's workers.
enum class stray_tbb : std::uint8_t { serial, allow };

/// Settings of the whole process; unset ones are left as they are.
struct process_spec {
  std::span<const int> cpuset = {};                           ///< CPUs that pools may use; empty: the machine's
  std::span<const int> cores = {};                            ///< for threads that no pool owns; empty: left alone
  bool lock_memory = false;                                   ///< mlockall(): no page of the process leaves memory
  std::int64_t timer_slack_ns = -1;                           ///< -1: left alone
  std::int64_t cpu_dma_latency_us = -1;                       ///< -1: left alone
  pinfold::stray_tbb stray_tbb = pinfold::stray_tbb::serial;  ///< TBB work of no pool
};

/// The least stack that pinfold's own frames and a modest task fit in.
inline constexpr std::size_t min_stack_kib = 64;
/// The most threads that one pool may have.
inline constexpr std::size_t max_pool_threads = 4096;
/// The longest name the kernel keeps for a thread, without the terminator.
inline constexpr std::size_t max_thread_name = 15;

}  // namespace pinfold
