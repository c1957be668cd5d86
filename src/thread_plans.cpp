// Which threads a topology has, and how each is to be.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/topology_core.hpp>

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
  const auto add = [&](pool_core& pool, const pool_place& place, thread_role role, std::size_t index,
                       const char* prefix) {
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
                   .name = std::string(spec.thread_name) + '-' + prefix + std::to_string(index),
                   .cpus = roams_everywhere(spec) ? run.everywhere : run.map.apply(cores_of(spec, role, index)),
                   .schedule = declared_schedule(spec),
                   .timer_slack_ns = facts.process.timer_slack_ns};
    run.threads.push_back(std::move(thread));
  };
  for (std::size_t p = 0; p < facts.pools.size(); ++p) {
    pool_core& pool = *facts.pools[p];
    const pool_place& place = facts.places[p];
    for (std::size_t i = 0; i < pool.spec().threads; ++i) add(pool, place, thread_role::worker, i, "");
    for (std::size_t i = 0; i < pool.spec().blocking_threads; ++i) add(pool, place, thread_role::blocking, i, "b");
  }
}

thread_plan topology_core::plan_managed_thread(pool_core& pool, std::string_view name, std::size_t lease) const {
  const pool_spec& spec = pool.spec();
  const auto at = std::ranges::find(facts_.pools, &pool) - facts_.pools.begin();
  // Its creator may be pinned: a thread that is to roam gets the mask of the unpinned ones, not its creator's.
  const auto cpus = [&] {
    if (roams_everywhere(spec)) return run_->everywhere;
    if (spec.pin == pin_mode::none || spec.cores.empty()) return run_->unpinned;
    if (spec.pin == pin_mode::thread) return run_->map.apply(std::vector<int>{spec.cores[lease]});
    return run_->map.apply(std::vector<int>(spec.cores.begin(), spec.cores.end()));
  };
  return {.pool = &pool,
          .place = &facts_.places[static_cast<std::size_t>(at)],
          .role = thread_role::managed,
          .index = lease,
          .name = std::string(name),
          .cpus = cpus(),
          .schedule = declared_schedule(spec),
          .timer_slack_ns = facts_.process.timer_slack_ns};
}

}  // namespace pinfold::detail
