// What [process] asks for: applied when a topology starts, taken back when it stops.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <system_error>
#include <vector>

#include <pinfold/detail/os.hpp>
#include <pinfold/detail/topology_core.hpp>

namespace pinfold::detail {

/// The thread that holds one is a pool's: the settings of the process leave it alone.
class pool_thread_mark {
 public:
  pool_thread_mark();
  ~pool_thread_mark();
  pool_thread_mark(const pool_thread_mark&) = delete;
  pool_thread_mark& operator=(const pool_thread_mark&) = delete;
};

class process_settings {
 public:
  process_settings();
  process_settings(const process_settings&) = delete;
  process_settings& operator=(const process_settings&) = delete;
  ~process_settings();

  /// Which CPUs this process may use.
  struct own_cpus {
    os::cpu_list allowed;   ///< the calling thread's mask, or, while a running topology has moved threads, from before
    os::cpu_list pinnable;  ///< these and isolated ones, which are in nobody's mask until it asks for them
  };
  static std::error_code read_cpus(own_cpus& found);

  /// Threads that are no pool's and may not run on exactly these CPUs, and where they may; none while another topology
  /// has moved them since. Where there are some it takes a millisecond, to look again.
  [[nodiscard]] static std::map<os::thread_id, os::cpu_list> threads_elsewhere(std::span<const int> cores);

  // --- see forks.hpp ---

  static void lock_for_fork();
  static void unlock_after_fork();
  /// The child is a process of its own, which inherits what the forking thread had. Between the two of above.
  static void abandon_in_child() noexcept;

  /// What the threads were given, ascending; empty: they were left alone.
  [[nodiscard]] const std::vector<int>& cores() const noexcept { return cores_; }

  /// `cores`: for every thread that runs now and is no pool's, and so for those that they start; empty: left alone.
  /// `starters`: what the calling thread may use; `stack_bytes`: what the pools' threads will have, for which locked
  /// memory must have room.
  void apply(const topology_facts& facts, std::span<const int> cores, std::span<const int> starters,
             std::uint64_t stack_bytes, std::vector<problem>& problems);

 private:
  void move_threads(std::span<const int> cores, std::span<const int> starters, const topology_facts& facts,
                    std::vector<problem>& problems);
  void lock_memory(const topology_facts& facts, std::uint64_t stack_bytes, std::vector<problem>& problems);
  void hold_latency(const topology_facts& facts, std::vector<problem>& problems);
  void let_go_of_latency() noexcept;
  void restore_threads() noexcept;

  std::vector<int> cores_;
  bool locked_memory_ = false;
  os::cpu_dma_latency latency_;
};

}  // namespace pinfold::detail
