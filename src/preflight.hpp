// Compares what is declared with the machine, before any thread starts.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cpu_map.hpp"
#include "thread_setup.hpp"

namespace pinfold::detail {

/// The CPUs that count: online, and allowed to this process by its affinity mask and cpuset cgroup, or isolated.
struct usable_cpus {
  os::cpu_list online;
  os::cpu_list allowed;
  std::string map_proposal;  ///< ", or map them all: PINFOLD_CPU_MAP=2-7:0-1": one map for everything that is missing

  void propose_map(std::span<thread_plan* const> plans, std::span<const int> process_cores, const cpu_map& map);
};

/// Adds a problem for everything that cannot be as planned, and takes it out of the plan: unavailable CPUs (a thread
/// left without any gets `unpinned`), policies without the right to them.
void check_plans(std::span<thread_plan* const> plans, const usable_cpus& usable, std::span<const int> unpinned,
                 std::vector<problem>& problems);

/// The same for [process] cores.
void check_process_cores(std::vector<int>& cores, const topology_facts& facts, const usable_cpus& usable,
                         std::vector<problem>& problems);

}  // namespace pinfold::detail
