#include "remedies.hpp"

namespace pinfold::detail {

std::string key_of(const pool_place& place, std::string_view key) {
  for (const key_place& known : place.keys) {
    if (known.key == key)
      return '[' + std::string(place.table) + "] " + std::string(key) + " (" + std::string(known.place) + ')';
  }
  return '[' + std::string(place.table) + "] " + std::string(key) + " (" + std::string(place.place) + ')';
}

std::string process_key(const topology_facts& facts, std::string_view key) {
  return key_of({.table = "process", .place = facts.file, .keys = facts.process_keys}, key);
}

std::string scheduling_remedy(const os::schedule& schedule) {
  std::string grant = "sudo setcap cap_sys_nice+ep ./" + os::program_name();
  const std::string unit = ", or for a unit of systemd ";
  switch (schedule.policy) {
    case sched_policy::fifo:
    case sched_policy::rr: {
      const std::string priority = std::to_string(schedule.priority);
      return grant + ", or raise RLIMIT_RTPRIO to " + priority + unit + "LimitRTPRIO=" + priority;
    }
    case sched_policy::deadline:
      return grant + unit + "AmbientCapabilities=CAP_SYS_NICE";
    default: {
      const std::string nice = std::to_string(schedule.nice.value_or(0));
      return grant + ", or raise RLIMIT_NICE to " + std::to_string(20 - schedule.nice.value_or(0)) + unit +
             "LimitNICE=" + nice;
    }
  }
}

// The kernel admits a deadline thread only where it can keep the promise; sched(7) names the errors.
std::string remedy_for_refusal(const os::schedule& schedule, std::error_code error) {
  if (schedule.policy == sched_policy::deadline) {
    if (error == std::errc::device_or_resource_busy) {
      return "lower runtime_us or lengthen period_us: all deadline threads together may have "
             "sched_rt_runtime_us / sched_rt_period_us (/proc/sys/kernel) of the CPUs' time";
    }
    if (error == std::errc::operation_not_permitted && os::may_set_any_schedule()) {
      return "let the process run on every CPU that the kernel balances with its own: widen its affinity mask "
             "(taskset, CPUAffinity=), or make its cpuset cgroup a partition (cpuset.cpus.partition = root)";
    }
  } else if (error == std::errc::operation_not_permitted && os::may_set_any_schedule()) {
    return "the process has CAP_SYS_NICE, so something else refuses: a cgroup without realtime time (cpu.rt_runtime_us "
           "of cgroup v1 is 0: raise it, or move the process), a user namespace, or a sandbox's filter";
  }
  return scheduling_remedy(schedule);
}

}  // namespace pinfold::detail
