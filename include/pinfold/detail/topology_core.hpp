// The run-time side of a topology: starts and stops its pools. Compiled once.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iosfwd>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pinfold/detail/deadline.hpp>
#include <pinfold/detail/idle_waiters.hpp>
#include <pinfold/detail/turn.hpp>
#include <pinfold/detail/warning_sink.hpp>
#include <pinfold/pool_spec.hpp>
#include <pinfold/start_error.hpp>
#include <pinfold/start_options.hpp>
#include <pinfold/trace_recording.hpp>
#include <pinfold/unfinished_work.hpp>

namespace pinfold::detail {

class pool_core;
class recording;
struct thread_plan;
struct topology_run;

/// A key that the topology file sets, and where: {"cores", "md.toml:14"}.
struct key_place {
  std::string_view key;
  std::string_view place;
};

/// Where a pool is declared, for remedies.
struct pool_place {
  std::string_view table;  ///< "asio.net"
  std::string_view place;  ///< "md.toml:13"
  std::span<const key_place> keys;
};

/// What the generated source hands over; everything points to static data.
struct topology_facts {
  std::string_view name;
  std::string_view file;
  failure_response on_failure;
  const process_spec& process;
  std::span<pool_core* const> pools;  ///< in declared order
  std::span<const pool_place> places;
  std::span<const key_place> process_keys;
};

/// States: stopped -> running -> draining -> ending (gates closed, threads on their way out) -> stopped. Who starts or
/// stops has the turn meanwhile; a stop whose deadline passes gives it back where it is, and the next one goes on from
/// there. `run_` exists until stopped; it and `generation_`, the number of the run, change under `run_mutex_` as well,
/// which is held for moments only. A handle of an earlier run finds another generation and does nothing.
class topology_core {
 public:
  struct started {
    std::uint64_t generation = 0;
    std::vector<problem> problems;
    std::vector<problem> warnings;
  };

  explicit constexpr topology_core(const topology_facts& facts) noexcept : facts_(facts) {}
  topology_core(const topology_core&) = delete;
  topology_core& operator=(const topology_core&) = delete;

  [[nodiscard]] const topology_facts& facts() const noexcept { return facts_; }
  [[nodiscard]] idle_waiters& waiters() noexcept { return waiters_; }

  started start(start_options&& options);
  /// The number of the present run, 0 while stopped. A run begins when its start has succeeded and ends with its stop.
  [[nodiscard]] std::uint64_t current_run() const noexcept { return current_run_.load(std::memory_order_acquire); }
  [[nodiscard]] bool is_current(std::uint64_t generation) const noexcept {
    return generation != 0 && current_run() == generation;
  }
  void request_stop(std::uint64_t generation) noexcept;
  /// False: the deadline has passed.
  bool stop(std::uint64_t generation, deadline limit) noexcept;
  /// What keeps the run of that number from having stopped; empty where it has.
  [[nodiscard]] std::vector<unfinished_work> unfinished(std::uint64_t generation) const;
  [[nodiscard]] bool is_idle() const noexcept;
  void wait_idle() const;
  /// Where completions of waits for the topology run: the first pool with workers. Throws std::logic_error where there
  /// is none.
  [[nodiscard]] pool_core& pool_with_workers() const;
  void report(std::ostream& out) const;
  /// What has changed since the start of the run of that number; empty once it has stopped.
  [[nodiscard]] std::vector<problem> verify(std::uint64_t generation) const;
  /// Records the run of that number, into a file. Throws trace_error.
  [[nodiscard]] std::shared_ptr<recording> begin_trace(std::uint64_t generation, std::string path,
                                                       const trace_options& options);
  /// If it records still.
  void end_trace(std::uint64_t generation, const recording& recorded) noexcept;
  /// Some pool has a coroutine of spawn_async() that has begun and not ended.
  [[nodiscard]] bool tracks_coroutines() const noexcept;

  /// Only while running: how a managed thread of `pool` that leases its core number `lease` is to be.
  [[nodiscard]] thread_plan plan_managed_thread(pool_core& pool, std::string_view name, std::size_t lease) const;

  /// Open while it runs.
  [[nodiscard]] warning_sink& warnings() noexcept { return warnings_; }

  /// It ran when this process was forked: its threads are in the parent.
  [[nodiscard]] bool is_abandoned() const noexcept { return is_abandoned_; }

  // --- see src/forks.hpp ---

  [[nodiscard]] topology_core*& next_watched() noexcept { return next_watched_; }
  [[nodiscard]] bool& is_watched() noexcept { return is_watched_; }
  void lock_for_fork() {
    turn_.lock_for_fork();
    run_mutex_.lock();
  }
  void unlock_after_fork() {
    run_mutex_.unlock();
    turn_.unlock_after_fork();
  }
  /// Nothing of it is waited for from now on, nor freed. Between the two of above.
  void abandon_in_child() noexcept;

  /// Only while running: `pool` is one of this topology's.
  void report_escaped(const pool_core& pool, std::exception_ptr error) noexcept;

 private:
  [[nodiscard]] started start_in_turn(start_options&& options);
  void begin_watch(topology_run& run) const;
  [[nodiscard]] bool is_own_thread() const noexcept;
  void die_if_own_thread() const noexcept;
  [[nodiscard]] bool end_run(deadline limit) noexcept;
  [[nodiscard]] bool drain(deadline limit) noexcept;
  [[nodiscard]] bool close_gates() noexcept;

  topology_facts facts_;
  idle_waiters waiters_{*this};
  turn turn_;
  mutable std::mutex run_mutex_;
  topology_run* run_ = nullptr;
  std::uint64_t generation_ = 0;
  std::atomic<std::uint64_t> current_run_{0};  // written where run_ is
  warning_sink warnings_;
  topology_core* next_watched_ = nullptr;
  bool is_watched_ = false;
  bool is_abandoned_ = false;  // written in a forked child, where no other thread is
};

}  // namespace pinfold::detail
