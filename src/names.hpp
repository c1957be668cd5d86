// The words of the topology file for pinfold's enumerations.
#pragma once

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

}  // namespace pinfold::detail
