// What the kernel has done to threads.
#pragma once

#include <sys/types.h>
#include <cstdint>
#include <optional>
#include <span>

namespace demo {

struct thread_counters {
  std::uint64_t involuntary_switches = 0;       ///< taken off a core while they had work
  std::optional<std::uint64_t> migrations = 0;  ///< moved to another core; nothing where the kernel does not tell
};

/// Sums since the threads' birth.
thread_counters read_counters(std::span<const pid_t> threads);

}  // namespace demo
