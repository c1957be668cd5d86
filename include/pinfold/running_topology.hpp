// What start() returns: while it lives, the pools run.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <pinfold/detail/default_token.hpp>
#include <pinfold/detail/idle_operation.hpp>
#include <pinfold/start_error.hpp>
#include <pinfold/trace_recording.hpp>
#include <pinfold/unfinished_work.hpp>

namespace pinfold {

namespace detail {
class topology_core;
}

/// Owns one run of a topology; movable. The members may be called from any thread, several at once, and block only
/// where said.
class running_topology {
 public:
  /// For pinfold itself.
  running_topology(detail::topology_core& core, std::uint64_t generation, std::vector<problem> problems,
                   std::vector<problem> warnings) noexcept
      : core_(&core), generation_(generation), problems_(std::move(problems)), warnings_(std::move(warnings)) {}
  /// The other has nothing to stop any more.
  running_topology(running_topology&& other) noexcept
      : core_(std::exchange(other.core_, nullptr)),
        generation_(other.generation_),
        problems_(std::move(other.problems_)),
        warnings_(std::move(other.warnings_)) {}
  /// stop() of the run that was here, which blocks; the other has nothing to stop any more.
  running_topology& operator=(running_topology&& other) noexcept;
  /// stop().
  ~running_topology() { stop(); }

  /// What kept pools from running as declared; empty unless `on_failure = "degrade"`.
  [[nodiscard]] std::span<const problem> problems() const noexcept { return problems_; }

  /// What lets the pools run as declared, but slower than they could: CPU quotas, realtime throttling, what isolated
  /// and nohz_full CPUs do not take well. As of the start.
  [[nodiscard]] std::span<const problem> warnings() const noexcept { return warnings_; }

  /// From now on only work that was accepted before may submit more; everything else is refused with `pool_stopped`,
  /// and what the topology's own I/O handlers submit is abandoned with the pending I/O. Managed threads that take a
  /// std::stop_token see it. Does not wait for any of it.
  void request_stop() noexcept;

  /// request_stop(), waits until all accepted work is done and the managed threads have ended, then ends the pools in
  /// reverse order and joins their threads. Pending I/O of asio pools is abandoned: its handlers are destroyed, not
  /// called. What refers to a pool's context (sockets, timers, strands) must be gone before. Blocks, also a second
  /// caller, until the topology has stopped; after that it does nothing. A worker of another topology's tbb or native
  /// pool runs its own pool's tasks meanwhile, none of which may stop this topology: it would wait for itself. From a
  /// thread of the topology it ends the process with a message.
  void stop() noexcept;

  /// The same until the deadline: then it returns what keeps the topology from having stopped; empty: it has stopped,
  /// and every thread is joined. Threads cannot be killed: the topology goes on draining and refuses new work, and
  /// stop() may be called again, as the destructor does, which waits. The deadline holds also where another thread is
  /// in stop() or start(). It bounds pinfold's own waits: stop callbacks of managed threads and destructors of
  /// abandoned I/O handlers, which this may call, take their time. A worker of another topology runs no tasks
  /// meanwhile. Allocates for what it returns.
  [[nodiscard]] std::vector<unfinished_work> stop(std::chrono::steady_clock::time_point deadline);
  /// The same with a time from now.
  template <class Rep, class Period>
  [[nodiscard]] std::vector<unfinished_work> stop(std::chrono::duration<Rep, Period> patience) {
    using clock = std::chrono::steady_clock;
    using seconds = std::chrono::duration<double>;
    const auto now = clock::now();
    const auto longest = clock::time_point::max() - now;
    if (seconds(patience) >= seconds(longest)) return stop(clock::time_point::max());
    return stop(now + std::chrono::duration_cast<clock::duration>(patience));
  }

  /// No pool has accepted work that is not finished. Pending I/O and managed threads do not count.
  [[nodiscard]] bool is_idle() const noexcept;

  /// Blocks until is_idle() was true; a worker of another topology's tbb or native pool runs its own pool's tasks
  /// meanwhile. Throws `would_block` on a thread of the topology, and on a worker of another's asio pool that may
  /// not block (allow_blocking).
  void wait_idle() const;

  /// The same as an Asio asynchronous operation: completes with (std::exception_ptr) on the handler's associated
  /// executor, by default that of the topology's first pool with workers, whose memory it takes and where its
  /// completion counts as work. Any thread; does not block. Otherwise as that of a pool. Throws std::logic_error on a
  /// moved-from object and where no pool has task workers.
  template <class CompletionToken>
  auto wait_idle(CompletionToken&& token) const {
    return async_wait_idle(std::forward<CompletionToken>(token));
  }
  /// The same under the name that the pools' has; without a token it is for coroutines.
  template <class CompletionToken = detail::default_token>
  auto async_wait_idle(CompletionToken&& token = {}) const {
    detail::pool_core& pool = pool_for_completions();
    return detail::async_wait_idle_in(pool, pool.waiters(), detail::idle_scope::topology,
                                      std::forward<CompletionToken>(token));
  }

  /// What is no longer as the start left it: affinity, policy, priority, nice and name of each thread of the pools, and
  /// where [process] `cores` are declared the affinity of all others; each a problem PF217 with what it is now, what it
  /// was, and the way back. A topology is a promise that others can break: the kernel gives the threads of a cpuset
  /// cgroup all its CPUs when these change, and taskset moves any. Any thread; reads /proc, allocates, and may block
  /// for a moment; empty once the topology has stopped, and while it stops it may miss threads that end.
  [[nodiscard]] std::vector<problem> verify() const;

  /// Records from now on what the threads of the pools do, for ui.perfetto.dev and chrome://tracing: tasks, sleeps,
  /// posts and steals, until the returned object is destroyed, its write() is called, or the topology stops. The file
  /// is opened, and emptied, now; it is written at the end. Managed threads and threads of no pool are not recorded.
  /// One trace at a time. Any thread; allocates all that it will need (24 bytes an event, see trace_options), and holds
  /// up no pool; a pool's thread takes no lock and allocates nothing for it, and spends some 30 ns an event. Throws
  /// trace_error where the topology is traced already or has stopped, and with path and errno where the file cannot be
  /// opened; std::logic_error on a moved-from object; std::bad_alloc.
  [[nodiscard]] trace_recording trace(std::string file, const trace_options& options = {}) const;

  /// One line a pool, aligned under a heading: kind, threads (with blocking ones, and managed ones of how many), cores
  /// where they run ("of the process": [process] cores, as the pool has none), state, and the counts of its work. Where
  /// some pool has `metrics`, also the most unfinished work at once ("high water"), what was stolen and how often its
  /// threads parked, and how long tasks waited; "-" where a pool does not count that. Any thread; allocates.
  void report(std::ostream& out) const;

 private:
  [[nodiscard]] detail::pool_core& pool_for_completions() const;

  detail::topology_core* core_;  // nullptr: moved from
  std::uint64_t generation_;
  std::vector<problem> problems_;
  std::vector<problem> warnings_;
};

}  // namespace pinfold
