#include "preflight.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <pinfold/detail/pool_core.hpp>

#include "cpu_list.hpp"
#include "remedies.hpp"

namespace pinfold::detail {
namespace {

bool contains_cpu(std::span<const int> cpus, int cpu) { return std::ranges::find(cpus, cpu) != cpus.end(); }

// Takes the CPUs that are not in `available` out of `cpus`.
std::vector<int> remove_missing(std::vector<int>& cpus, std::span<const int> available) {
  std::vector<int> missing;
  const auto is_missing = [&](int cpu) { return !contains_cpu(available, cpu); };
  std::ranges::copy_if(cpus, std::back_inserter(missing), is_missing);
  std::erase_if(cpus, is_missing);
  return missing;
}

std::string cores_are(std::span<const int> cpus) {
  return (cpus.size() == 1 ? "core " : "cores ") + format_cpus(cpus) + (cpus.size() == 1 ? " is " : " are ");
}

void check_cpus(std::vector<int>& cpus, const std::string& where, const std::string& key, const usable_cpus& usable,
                std::vector<problem>& problems) {
  if (const auto missing = remove_missing(cpus, usable.online); !missing.empty()) {
    problems.push_back({"PF201", where, cores_are(missing) + "not online (online: " + format_cpus(usable.online) + ')',
                        "edit " + key + usable.map_proposal});
  }
  if (const auto missing = remove_missing(cpus, usable.allowed); !missing.empty()) {
    problems.push_back(
        {"PF202", where,
         cores_are(missing) + "not allowed to this process (allowed: " + format_cpus(usable.allowed) + ')',
         "edit " + key + usable.map_proposal + ", or widen the process's affinity mask or cpuset cgroup"});
  }
}

bool has_right_to(const os::schedule& schedule) {
  switch (schedule.policy) {
    case sched_policy::fifo:
    case sched_policy::rr:
      return schedule.priority <= os::realtime_priority_limit();
    case sched_policy::deadline:
      return false;
    default:
      break;
  }
  if (!schedule.nice) return true;
  os::schedule now;
  const bool known = !os::current_schedule(os::calling_thread, now) && now.nice;
  return *schedule.nice >= (known ? std::min(os::nice_limit(), *now.nice) : os::nice_limit());
}

}  // namespace

void usable_cpus::propose_map(std::span<thread_plan* const> plans, std::span<const int> process_cores,
                              const cpu_map& map) {
  std::set<int> declared(process_cores.begin(), process_cores.end());
  for (const thread_plan* plan : plans) declared.insert(plan->cpus.begin(), plan->cpus.end());
  std::vector<int> targets;
  std::ranges::set_intersection(online, allowed, std::back_inserter(targets));
  std::vector<int> missing;
  std::ranges::set_difference(declared, targets, std::back_inserter(missing));
  if (missing.empty() || targets.empty()) return;
  if (!map.empty()) {
    map_proposal = ", or correct the CPU map";
    return;
  }
  // One core alone goes where a map of its neighbours would put it.
  const bool alone = missing.size() == 1;
  if (alone) targets = {targets[static_cast<std::size_t>(missing.front()) % targets.size()]};
  map_proposal = std::string(", or map ") + (alone ? "it" : "them all") + ": PINFOLD_CPU_MAP=" + format_cpus(missing) +
                 ':' + format_cpus(targets);
}

void check_plans(std::span<thread_plan* const> plans, const usable_cpus& usable, std::span<const int> unpinned,
                 std::vector<problem>& problems) {
  // Threads that share a core set share the problem: it is reported once, with the pool as its place.
  const pool_core* reported = nullptr;
  const pool_core* refused = nullptr;
  const bool any_schedule = os::may_set_any_schedule();
  for (thread_plan* plan : plans) {
    if (!any_schedule && !has_right_to(plan->schedule)) {
      if (plan->pool != std::exchange(refused, plan->pool)) {
        problems.push_back({"PF205", plan->pool->qualified_name(),
                            describe(plan->schedule) + " refused: Operation not permitted",
                            scheduling_remedy(plan->schedule)});
      }
      plan->schedule = {};
    }
    if (plan->cpus.empty()) continue;
    const bool shares_set = plan->cpus.size() > 1;
    std::vector<problem> found;
    check_cpus(plan->cpus, shares_set ? plan->pool->qualified_name() : describe(*plan), key_of(*plan->place, "cores"),
               usable, found);
    if (plan->cpus.empty()) plan->cpus.assign(unpinned.begin(), unpinned.end());
    if (shares_set && reported == plan->pool) continue;
    if (shares_set && !found.empty()) reported = plan->pool;
    std::ranges::move(found, std::back_inserter(problems));
  }
}

void check_process_cores(std::vector<int>& cores, const topology_facts& facts, const usable_cpus& usable,
                         std::vector<problem>& problems) {
  check_cpus(cores, "process", process_key(facts, "cores"), usable, problems);
}

}  // namespace pinfold::detail
