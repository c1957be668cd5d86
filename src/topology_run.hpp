// Everything of a topology that exists only while it runs.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <span>
#include <system_error>
#include <vector>

#include <pinfold/detail/deadline.hpp>

#include "cpu_map.hpp"
#include "drift_watch.hpp"
#include "preflight.hpp"
#include "process_settings.hpp"
#include "recording.hpp"
#include "start_barrier.hpp"
#include "thread_setup.hpp"

namespace pinfold::detail {

class thread_ends;

struct pool_thread {
  thread_plan plan;
  os::thread_handle handle;
  os::thread_id id = 0;           // written by the thread before it arrives
  std::vector<problem> problems;  // of its setup; written by the thread before it arrives
  start_barrier* barrier = nullptr;
  thread_ends* ends = nullptr;
  const start_options* options = nullptr;
  trace_channel* trace = nullptr;
  std::error_code refused;    // its creation
  std::exception_ptr failed;  // its setup; written by the thread before it arrives
  bool created = false;
  bool ended = false;  // guarded by the mutex of `ends`
};

/// Which threads have ended, for those who wait with a deadline. A thread is joined after that.
class thread_ends {
 public:
  /// By the thread, as its last.
  void note(pool_thread& self) noexcept {
    const std::lock_guard lock(mutex_);
    self.ended = true;
    changed_.notify_all();
  }

  /// False: the deadline has passed.
  [[nodiscard]] bool wait_for_all_of(const pool_core& pool, std::span<const pool_thread> threads,
                                     deadline limit) noexcept {
    std::unique_lock lock(mutex_);
    return wait_until(changed_, lock, limit, [&] { return count(pool, threads) == 0; });
  }

  /// Of a pool's threads, those that have not ended.
  [[nodiscard]] std::size_t left_of(const pool_core& pool, std::span<const pool_thread> threads) const noexcept {
    const std::lock_guard lock(mutex_);
    return count(pool, threads);
  }

 private:
  static std::size_t count(const pool_core& pool, std::span<const pool_thread> threads) noexcept {
    return static_cast<std::size_t>(std::ranges::count_if(
        threads, [&](const pool_thread& each) { return each.plan.pool == &pool && !each.ended; }));
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
};

/// The order of members is the order of construction: settings are taken back after the threads are gone.
struct topology_run {
  explicit topology_run(start_options&& chosen) : options(std::move(chosen)) {}

  [[nodiscard]] bool watches() const noexcept { return options.verify_every.count() > 0; }

  start_options options;
  std::vector<problem> problems;
  cpu_map map;
  std::vector<int> everywhere;  // CPUs that this process may use
  std::vector<int> unpinned;    // CPUs of threads that no pool pins
  process_settings settings;
  start_barrier barrier;
  thread_ends ends;
  run_traces traces;
  std::vector<pool_thread> threads;  // pool by pool, in declared order
  bool is_drained = false;           // the gates are closed
  bool is_to_stop = false;           // guarded by the topology's run_mutex_
  std::size_t ended = 0;             // pools whose threads are joined, from the last one
  drift_watch watch;
};

/// Those that were created.
void join_threads(topology_run& run, const pool_core& of_pool);

/// Enters the threads of every pool; `map` and `everywhere` are known.
void plan_threads(topology_run& run, const topology_facts& facts);

/// One managed thread of each kind that the pools may be asked for later and whose like is not among the others. They
/// have no name, and CPUs only where those are declared.
[[nodiscard]] std::vector<thread_plan> plan_first_managed_threads(const topology_run& run, const topology_facts& facts);

}  // namespace pinfold::detail
