// What this machine's limits mean for the threads of a topology, before the first of them starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "machine_files.hpp"
#include "thread_setup.hpp"

namespace pinfold::detail {

/// What binds this process, beside the machine.
struct process_limits {
  std::optional<std::uint64_t> threads;  ///< RLIMIT_NPROC, of all processes of the user
  unsigned user = 0;
};

/// A problem for each limit that leaves fewer than `needed` threads. Only what is certain: what others hide from this
/// process is found when a thread cannot be created.
void check_thread_room(const machine_files& files, const process_limits& process, std::uint64_t needed,
                       std::vector<problem>& problems);

/// What lets the threads run as declared, but not as fast as hoped: CPU quotas, the throttling of realtime threads,
/// what isolated and nohz_full CPUs do not take well. `unpinned`: the CPUs of plans without any.
[[nodiscard]] std::vector<problem> slowing_limits(const machine_files& files, std::span<const thread_plan* const> plans,
                                                  std::span<const int> unpinned);

}  // namespace pinfold::detail
