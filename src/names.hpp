// What enumerations are called in the topology file and by the kernel, and what threads of pools are called.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <pinfold/pool_spec.hpp>

namespace pinfold::detail {

constexpr std::string_view name_of(pool_kind kind) {
  switch (kind) {
    case pool_kind::asio:
      return "asio";
    case pool_kind::tbb:
      return "tbb";
    case pool_kind::native:
      return "native";
  }
  return "?";
}

constexpr std::string_view kernel_name_of(sched_policy policy) {
  switch (policy) {
    case sched_policy::other:
      return "SCHED_OTHER";
    case sched_policy::batch:
      return "SCHED_BATCH";
    case sched_policy::idle:
      return "SCHED_IDLE";
    case sched_policy::fifo:
      return "SCHED_FIFO";
    case sched_policy::rr:
      return "SCHED_RR";
    case sched_policy::deadline:
      return "SCHED_DEADLINE";
  }
  return "?";
}

/// As the kernel has it; workers come first, then blocking threads.
inline std::string name_of_thread(const pool_spec& spec, std::size_t thread) {
  const bool blocks = thread >= spec.threads;
  return std::string(spec.thread_name) + (blocks ? "-b" : "-") +
         std::to_string(blocks ? thread - spec.threads : thread);
}

}  // namespace pinfold::detail
