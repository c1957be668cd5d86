#include "machine_limits.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <pinfold/detail/pool_core.hpp>

#include "cpu_list.hpp"
#include "names.hpp"
#include "remedies.hpp"

namespace pinfold::detail {
namespace {

bool is_realtime(sched_policy policy) {
  return policy == sched_policy::fifo || policy == sched_policy::rr || policy == sched_policy::deadline;
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

std::string cores_text(std::span<const int> cpus) {
  return (cpus.size() == 1 ? "core " : "cores ") + format_cpus(cpus);
}

// "2", "1.5"
std::string cpus_of(const time_share& share) {
  std::array<char, 32> text{};
  const double cpus = static_cast<double>(share.runtime_us) / static_cast<double>(share.period_us);
  std::snprintf(text.data(), text.size(), "%.3g", cpus);
  return text.data();
}

std::string milliseconds(std::int64_t microseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g ms", static_cast<double>(microseconds) / 1000);
  return text.data();
}

std::string way_to_raise(const std::string& name, std::uint64_t wanted) {
  if (name.starts_with("kernel.")) return "sudo sysctl " + name + '=' + std::to_string(wanted);
  if (name == "RLIMIT_NPROC") return "raise it to " + std::to_string(wanted) + " (ulimit -u, LimitNPROC=)";
  return "raise it to " + std::to_string(wanted) + " (TasksMax= of the unit, docker --pids-limit)";
}

// Looks at what the plans have in common.
class judgement {
 public:
  judgement(const machine_files& files, std::span<const thread_plan* const> plans, std::span<const int> unpinned)
      : files_(files), plans_(plans), unpinned_(unpinned) {}

  // Realtime threads have no part in a quota.
  void quota() {
    const auto tightest = files_.tightest_quota();
    if (!tightest) return;
    std::set<int> all;
    std::map<const pool_core*, std::pair<std::size_t, std::set<int>>> pools;  // threads, and the CPUs they have
    for (const thread_plan* plan : plans_) {
      if (plan->cpus.empty() || is_realtime(plan->schedule.policy)) continue;
      auto& [threads, cpus] = pools[plan->pool];
      ++threads;
      cpus.insert(plan->cpus.begin(), plan->cpus.end());
      all.insert(plan->cpus.begin(), plan->cpus.end());
    }
    std::size_t at_once = 0;
    for (const auto& [pool, has] : pools) at_once += std::min(has.first, has.second.size());
    at_once = std::min(at_once, all.size());
    const time_share& share = tightest->share;
    if (static_cast<double>(at_once) * static_cast<double>(share.period_us) <= static_cast<double>(share.runtime_us)) {
      return;
    }
    warnings.push_back(
        {"PF219", "process",
         "the pools can use " + counted(at_once, "CPU") + " at once (" +
             format_cpus(std::vector<int>(all.begin(), all.end())) + "); " + tightest->name + " gives the time of " +
             cpus_of(share) + ": when it is used up, all threads stop for the rest of its " +
             milliseconds(share.period_us),
         "remove the quota (CPUQuota= of the unit, docker --cpus, limits.cpu of the pod) and bound the process by its "
         "CPUs instead, or lower the pools' threads"});
  }

  void realtime() {
    std::set<const pool_core*> seen;
    const auto throttle = files_.realtime_throttle();
    for (const thread_plan* plan : plans_) {
      const sched_policy policy = plan->schedule.policy;
      const bool never_sleeps = plan->role == thread_role::worker && plan->pool->spec().idle == idle_strategy::busy;
      if (!never_sleeps || (policy != sched_policy::fifo && policy != sched_policy::rr)) continue;
      if (!seen.insert(plan->pool).second) continue;
      const std::string idle = "edit " + key_of(*plan->place, "idle");
      const std::string who = std::string(kernel_name_of(policy)) + " threads that never sleep";
      if (throttle) {
        warnings.push_back(
            {"PF220", plan->pool->qualified_name(),
             "the kernel stops " + who + " for " + milliseconds(throttle->period_us - throttle->runtime_us) +
                 " of every " + milliseconds(throttle->period_us) + " (kernel.sched_rt_runtime_us)",
             "sudo sysctl kernel.sched_rt_runtime_us=-1, if nothing else needs these cores; or " + idle});
      } else {
        fair_server(*plan, who, idle);
      }
    }
  }

  void realtime_limit() {
    const auto limited = [](const thread_plan* plan) {
      return plan->schedule.policy == sched_policy::fifo || plan->schedule.policy == sched_policy::rr;
    };
    const auto first = std::ranges::find_if(plans_, limited);
    if (first == plans_.end()) return;
    const auto limit = files_.realtime_limit_us();
    if (!limit) return;
    warnings.push_back({"PF225", (*first)->pool->qualified_name(),
                        "the kernel ends the process (SIGXCPU) once a thread of " +
                            std::string(kernel_name_of((*first)->schedule.policy)) + " has run for " +
                            milliseconds(*limit) + " without sleeping",
                        "remove the limit RLIMIT_RTTIME (ulimit -R unlimited, LimitRTTIME=infinity)"});
  }

  // Realtime threads are pushed and pulled there, too.
  void isolated() {
    const bool in_partition = files_.is_in_isolated_partition();
    const os::cpu_list isolated = files_.isolated();
    if (!in_partition && isolated.empty()) return;
    std::map<std::pair<const pool_core*, std::vector<int>>, std::size_t> crowds;
    std::set<const pool_core*> seen;
    for (const thread_plan* plan : plans_) {
      if (!is_realtime(plan->schedule.policy)) ++crowds[{plan->pool, cpus_of_plan(*plan)}];
    }
    for (const thread_plan* plan : plans_) {
      const std::vector<int> cpus = cpus_of_plan(*plan);
      const auto crowd = crowds.find({plan->pool, cpus});
      if (crowd == crowds.end() || crowd->second < 2 || cpus.size() < 2) continue;
      std::vector<int> unbalanced = cpus;
      if (!in_partition) {
        unbalanced.clear();
        std::ranges::set_intersection(cpus, isolated, std::back_inserter(unbalanced));
      }
      if (unbalanced.empty() || !seen.insert(plan->pool).second) continue;
      warnings.push_back({"PF221", plan->pool->qualified_name(),
                          counted(crowd->second, "thread") + " share " + cores_text(cpus) + ", of which " +
                              format_cpus(unbalanced) + (unbalanced.size() == 1 ? " is" : " are") +
                              " isolated: the kernel does not balance there, and threads stay where they wake",
                          "give each thread a core (" + key_of(*plan->place, "pin") +
                              "), or the pool cores that are not isolated (isolcpus=, cpuset.cpus.partition = root)"});
    }
  }

  // A FIFO thread needs no tick, however many wait.
  void nohz() {
    const os::cpu_list tickless = files_.nohz_full();
    if (tickless.empty()) return;
    std::map<int, std::vector<const thread_plan*>> pinned;
    for (const thread_plan* plan : plans_) {
      if (plan->cpus.size() != 1 || plan->schedule.policy == sched_policy::fifo) continue;
      if (std::ranges::binary_search(tickless, plan->cpus.front())) pinned[plan->cpus.front()].push_back(plan);
    }
    // CPUs that the same pools crowd are one finding.
    std::vector<std::pair<std::vector<const pool_core*>, std::vector<int>>> crowds;
    for (const auto& [cpu, threads] : pinned) {
      if (threads.size() < 2) continue;
      std::vector<const pool_core*> pools;
      for (const thread_plan* plan : threads) {
        if (std::ranges::find(pools, plan->pool) == pools.end()) pools.push_back(plan->pool);
      }
      const auto known = std::ranges::find(crowds, pools, [](const auto& crowd) { return crowd.first; });
      if (known == crowds.end()) {
        crowds.emplace_back(std::move(pools), std::vector<int>{cpu});
      } else {
        known->second.push_back(cpu);
      }
    }
    for (const auto& [pools, cpus] : crowds) {
      std::string others;
      for (const pool_core* pool : pools) others += (others.empty() ? "" : " and ") + pool->qualified_name();
      warnings.push_back({"PF222", pools.front()->qualified_name(),
                          cores_text(cpus) + (cpus.size() == 1 ? " is" : " are each") + " nohz_full and " +
                              (cpus.size() == 1 ? "has" : "have") + " several threads, of " + others +
                              ": the tick is back while more than one of them runs",
                          "give each thread a nohz_full core of its own, or leave these out of nohz_full="});
    }
  }

  std::vector<problem> warnings;

 private:
  [[nodiscard]] std::vector<int> cpus_of_plan(const thread_plan& plan) const {
    return ascending(plan.cpus.empty() ? unpinned_ : std::span<const int>(plan.cpus));
  }

  void fair_server(const thread_plan& first, const std::string& who, const std::string& idle) {
    std::set<int> served;
    time_share share;
    for (const thread_plan* plan : plans_) {
      if (plan->pool != first.pool || plan->role != thread_role::worker) continue;
      for (const int cpu : cpus_of_plan(*plan)) {
        const auto here = files_.fair_server(cpu);
        if (here && served.insert(cpu).second) share = *here;
      }
    }
    if (served.empty()) return;
    const std::vector<int> cpus(served.begin(), served.end());
    warnings.push_back(
        {"PF220", first.pool->qualified_name(),
         "the kernel stops " + who + " on " + cores_text(cpus) + " for " + milliseconds(share.runtime_us) +
             " of every " + milliseconds(share.period_us) + " while other threads wait there (fair_server)",
         "keep other threads off, or write 0 to /sys/kernel/debug/sched/fair_server/cpuN/runtime of these "
         "cores; or " +
             idle});
  }

  const machine_files& files_;
  std::span<const thread_plan* const> plans_;
  std::span<const int> unpinned_;
};

}  // namespace

void check_thread_room(const machine_files& files, const process_limits& process, std::uint64_t needed,
                       std::vector<problem>& problems) {
  std::vector<thread_cap> limits = files.thread_caps_below(needed);
  const auto leaves_too_few = [&](std::uint64_t used) {
    return *process.threads < used || *process.threads - used < needed;
  };
  // The machine's number is read at once, that of the user from every process: only where it might matter.
  if (process.threads && leaves_too_few(files.threads_of_the_machine())) {
    const std::uint64_t used = files.threads_of(process.user);
    if (leaves_too_few(used)) limits.push_back({.name = "RLIMIT_NPROC", .most = *process.threads, .used = used});
  }
  for (const thread_cap& limit : limits) {
    const std::uint64_t left = limit.most - std::min(limit.used, limit.most);
    problems.push_back({"PF218", "process",
                        "needs " + counted(needed, "thread") + "; " + limit.name + " leaves " + std::to_string(left) +
                            " (" + std::to_string(limit.used) + " of " + std::to_string(limit.most) + " are taken)",
                        way_to_raise(limit.name, limit.used + needed) + ", or lower the pools' threads"});
  }
}

std::vector<problem> slowing_limits(const machine_files& files, std::span<const thread_plan* const> plans,
                                    std::span<const int> unpinned) {
  judgement look(files, plans, unpinned);
  look.quota();
  look.realtime();
  look.realtime_limit();
  look.isolated();
  look.nohz();
  return std::move(look.warnings);
}

}  // namespace pinfold::detail
