// Whether the threads of a running topology are still as its start made them.
#pragma once

#include <span>
#include <vector>

#include "thread_setup.hpp"

namespace pinfold::detail {

struct running_thread {
  thread_plan plan;
  os::thread_id id = 0;
};

/// A problem for each thing that has changed: affinity, policy, priority, nice, name. Threads that have ended have
/// none.
[[nodiscard]] std::vector<problem> drift_of(std::span<const running_thread> threads);

/// The same for the threads of the process that are no pool's, which [process] `cores` are for.
[[nodiscard]] std::vector<problem> drift_of_process(std::span<const int> cores, const topology_facts& facts);

}  // namespace pinfold::detail
