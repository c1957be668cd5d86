// Which threads a topology has, and how each is to be.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/topology_core.hpp>

#include "names.hpp"
#include "topology_run.hpp"

namespace pinfold::detail {
namespace {

// Blocking threads wait in system calls most of their time: they go where no worker is pinned, and share the pool's
// cores only when the workers have all of them.
std::vector<int> cores_of(const pool_spec& spec, thread_role role, std::size_t index) {
  if (spec.pin == pin_mode::none || spec.cores.empty()) return {};
  if (spec.pin == pin_mode::set) return {spec.cores.begin(), spec.cores.end()};
  if (role == thread_role::worker) return {spec.cores[index]};
  const auto free = spec.cores.subspan(spec.threads);
  return free.empty() ? std::vector<int>(spec.cores.begin(), spec.cores.end())
                      : std::vector<int>(free.begin(), free.end());
}

// The kernel takes a deadline thread only on all CPUs at once that it balances together. Its creator's mask may be
// less.
bool roams_everywhere(const pool_spec& spec) { return spec.policy == sched_policy::deadline; }

}  // namespace

void plan_threads(topology_run& run, const topology_facts& facts) {
  const auto add = [&](pool_core& pool, const pool_place& place, thread_role role, std::size_t index) {
    const pool_spec& spec = pool.spec();
    pool_thread thread;
    thread.barrier = &run.barrier;
    thread.ends = &run.ends;
    thread.options = &run.options;
    thread.trace = &run.traces.add_channel();
    thread.plan = {.pool = &pool,
                   .place = &place,
                   .role = role,
                   .index = index,
                   .name = name_of_thread(spec, role == thread_role::worker ? index : spec.threads + index),
                   .cpus = roams_everywhere(spec) ? run.everywhere : run.map.apply(cores_of(spec, role, index)),
                   .schedule = declared_schedule(spec),
                   .timer_slack_ns = facts.process.timer_slack_ns};
    run.threads.push_back(std::move(thread));
  };
  for (std::size_t p = 0; p < facts.pools.size(); ++p) {
    pool_core& pool = *facts.pools[p];
    const pool_place& place = facts.places[p];
    for (std::size_t i = 0; i < pool.spec().threads; ++i) add(pool, place, thread_role::worker, i);
    for (std::size_t i = 0; i < pool.spec().blocking_threads; ++i) add(pool, place, thread_role::blocking, i);
  }
}

namespace {

thread_plan plan_managed(const topology_run& run, const topology_facts& facts, std::size_t pool, std::string_view name,
                         std::size_t lease) {
  const pool_spec& spec = facts.pools[pool]->spec();
  // Its creator may be pinned: a thread that is to roam gets the mask of the unpinned ones, not its creator's.
  const auto cpus = [&] {
    if (roams_everywhere(spec)) return run.everywhere;
    if (spec.pin == pin_mode::none || spec.cores.empty()) return run.unpinned;
    if (spec.pin == pin_mode::thread) return run.map.apply(std::vector<int>{spec.cores[lease]});
    return run.map.apply(std::vector<int>(spec.cores.begin(), spec.cores.end()));
  };
  return {.pool = facts.pools[pool],
          .place = &facts.places[pool],
          .role = thread_role::managed,
          .index = lease,
          .name = std::string(name),
          .cpus = cpus(),
          .schedule = declared_schedule(spec),
          .timer_slack_ns = facts.process.timer_slack_ns};
}

}  // namespace

// What is wrong with the cores and rights of a pool's workers is seen at them.
std::vector<thread_plan> plan_first_managed_threads(const topology_run& run, const topology_facts& facts) {
  std::vector<thread_plan> plans;
  for (std::size_t p = 0; p < facts.pools.size(); ++p) {
    const pool_spec& spec = facts.pools[p]->spec();
    if (spec.max_threads == 0) continue;
    if (spec.pin == pin_mode::thread && !spec.cores.empty() && !roams_everywhere(spec)) {
      for (std::size_t lease = spec.threads; lease < spec.cores.size(); ++lease) {
        plans.push_back(plan_managed(run, facts, p, "", lease));
      }
    } else if (spec.threads == 0) {
      thread_plan& plan = plans.emplace_back(plan_managed(run, facts, p, "", 0));
      if (spec.pin == pin_mode::none || spec.cores.empty()) plan.cpus.clear();  // they are nobody's choice
    }
  }
  return plans;
}

// With "degrade" it does without what this machine lacked at the start, which has said so.
thread_plan topology_core::plan_managed_thread(pool_core& pool, std::string_view name, std::size_t lease) const {
  const auto at = static_cast<std::size_t>(std::ranges::find(facts_.pools, &pool) - facts_.pools.begin());
  thread_plan plan = plan_managed(*run_, facts_, at, name, lease);
  if (facts_.on_failure == failure_response::degrade && !plan.cpus.empty()) {
    const auto is_missing = [&](int cpu) { return std::ranges::find(run_->everywhere, cpu) == run_->everywhere.end(); };
    std::erase_if(plan.cpus, is_missing);
    if (plan.cpus.empty()) plan.cpus = run_->unpinned;
  }
  return plan;
}

}  // namespace pinfold::detail
