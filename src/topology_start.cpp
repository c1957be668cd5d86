// How a topology starts: it is compared with the machine, then come settings, pools and threads.
#include <pinfold/detail/topology_core.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pinfold/detail/asio_memory.hpp>
#include <pinfold/detail/pool_core.hpp>

#include "cpu_map.hpp"
#include "forks.hpp"
#include "handlers.hpp"
#include "machine_limits.hpp"
#include "problem_text.hpp"
#include "remedies.hpp"
#include "topology_run.hpp"

namespace pinfold::detail {
namespace {

void* thread_main(void* argument) noexcept {
  pool_thread& self = *static_cast<pool_thread*>(argument);
  thread_plan& plan = self.plan;
  self.id = os::this_thread_id();
  std::optional<pool_thread_mark> mark;
  std::string pool;
  try {
    mark.emplace();
    pool = plan.pool->qualified_name();
    self.problems = set_up_this_thread(plan);
  } catch (...) {
    self.failed = std::current_exception();
  }
  if (!self.barrier->arrive_and_wait()) return nullptr;
  this_thread = {.pool = plan.pool,
                 .index = plan.index,
                 .role = plan.role,
                 .stack = static_cast<const char*>(__builtin_frame_address(0)),
                 .stack_bytes = plan.pool->spec().stack_kib * 1024,
                 .gauge = plan.pool->gauge(plan.role, plan.index),
                 .counters = plan.pool->counters(plan.role, plan.index),
                 .latencies = plan.pool->latencies(plan.role, plan.index),
                 .trace = self.trace};
  const pool_thread_info info{.pool = pool, .thread = plan.name};
  if (self.options->on_thread_start) {
    call_handler("start_options::on_thread_start", [&] { self.options->on_thread_start(info); });
  }
  {
    const asio_memory memory;
    plan.pool->work(plan.role, plan.index);
  }
  if (self.options->on_thread_exit) {
    call_handler("start_options::on_thread_exit", [&] { self.options->on_thread_exit(info); });
  }
  self.ends->note(self);
  return nullptr;
}

cpu_map resolve_cpu_map(const start_options& options, std::vector<problem>& problems) {
  const char* environment = std::getenv("PINFOLD_CPU_MAP");
  if (options.cpu_map_from_arguments) return {options.cpu_map, "--pinfold-cpu-map", problems};
  if (environment != nullptr && *environment != '\0') return {environment, "PINFOLD_CPU_MAP", problems};
  return {options.cpu_map, "start_options::cpu_map", problems};
}

std::string text_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  }
}

struct layout {
  std::vector<int> process_cores;
  os::cpu_list starters;  // what the calling thread may use
  std::vector<thread_plan*> plans;
};

// Plans every thread, and collects what this machine does not have or allow for them. Changes nothing yet.
layout compare_with_machine(topology_run& run, const topology_facts& facts, const machine_files& machine) {
  layout wanted{.process_cores = run.map.apply(facts.process.cores), .starters = {}, .plans = {}};
  process_settings::own_cpus own_cpus;
  if (const auto error = process_settings::read_cpus(own_cpus)) {
    run.problems.push_back({"PF202", "process", "its affinity mask cannot be read: " + error.message(),
                            "allow sched_getaffinity: a sandbox or a seccomp filter forbids it"});
    own_cpus = {.allowed = os::online_cpus(), .pinnable = os::online_cpus()};
  }
  wanted.starters = own_cpus.allowed;
  usable_cpus usable{.online = os::online_cpus(), .allowed = own_cpus.pinnable, .map_proposal = {}};
  run.everywhere = usable.allowed;
  plan_threads(run, facts);
  for (pool_thread& thread : run.threads) wanted.plans.push_back(&thread.plan);
  std::vector<thread_plan> managed = plan_first_managed_threads(run, facts);
  std::vector<thread_plan*> plans = wanted.plans;
  for (thread_plan& plan : managed) plans.push_back(&plan);
  usable.propose_map(plans, wanted.process_cores, run.map);
  check_process_cores(wanted.process_cores, facts, usable, run.problems);
  run.unpinned = wanted.process_cores.empty() ? own_cpus.allowed : wanted.process_cores;
  check_plans(plans, usable, run.unpinned, run.problems);
  check_thread_room(machine, {.threads = os::thread_limit(), .user = os::user_id()},
                    wanted.plans.size() + (run.watches() ? 1 : 0), run.problems);
  return wanted;
}

void print_warnings(std::string_view topology, std::span<const problem> warnings) noexcept {
  try {
    const std::string heading = "pinfold: topology '" + std::string(topology) + "' runs";
    std::fprintf(stderr, "%s\n", problem_text(heading, "warning", warnings).c_str());
  } catch (const std::bad_alloc&) {
    std::fputs("pinfold: a topology runs, and there is no memory left to print what slows it down\n", stderr);
  }
}

std::uint64_t stack_bytes_of(const topology_run& run, std::span<thread_plan* const> plans) {
  std::uint64_t sum = run.watches() ? drift_watch::stack_bytes : 0;
  for (const thread_plan* plan : plans) sum += plan->pool->stack_bytes();
  return sum;
}

// Opens the pools and starts their threads; what was started is ended again unless it is kept.
class attempt {
 public:
  attempt(topology_core& topology, topology_run& run) : topology_(topology), run_(run) {}
  attempt(const attempt&) = delete;
  attempt& operator=(const attempt&) = delete;

  ~attempt() {
    if (kept_) return;
    run_.barrier.decide(false);
    for (std::size_t i = opened_; i-- > 0;) {
      join_threads(run_, *pools()[i]);
      pools()[i]->stop();
    }
  }

  // False: some pool could not be opened.
  bool open_pools() {
    for (; opened_ < pools().size(); ++opened_) {
      pool_core& pool = *pools()[opened_];
      try {
        pool.start(topology_);
      } catch (const std::exception& error) {
        run_.problems.push_back({"PF216", pool.qualified_name(), std::string("cannot be set up: ") + error.what(),
                                 "look at the process's limits (ulimit -n, -u, -v, -l) and those of its cgroup"});
        return false;
      }
    }
    return true;
  }

  // False: some thread could not be created or set up. Those that could wait at the barrier.
  bool create_threads() {
    std::size_t created = 0;
    for (pool_thread& thread : run_.threads) {
      thread.refused = os::create_thread(thread.handle, thread.plan.pool->stack_bytes(), thread_main, &thread);
      thread.created = !thread.refused;
      created += thread.created ? 1 : 0;
    }
    run_.barrier.wait_for(created);
    bool all = true;
    for (pool_thread& thread : run_.threads) {
      if (thread.refused) report(thread, "thread cannot be created: " + thread.refused.message());
      if (thread.failed) report(thread, "thread cannot be set up: " + text_of(thread.failed));
      all = all && !thread.refused && !thread.failed;
      run_.problems.insert(run_.problems.end(), thread.problems.begin(), thread.problems.end());
    }
    return all;
  }

  void keep() noexcept { kept_ = true; }

 private:
  [[nodiscard]] std::span<pool_core* const> pools() const { return topology_.facts().pools; }

  void report(const pool_thread& thread, std::string what) {
    run_.problems.push_back({"PF203", describe(thread.plan), std::move(what),
                             "lower " + key_of(*thread.plan.place, "threads") + " or stack_kib, or raise the " +
                                 "limits (ulimit -u, ulimit -v, TasksMax=, pids cgroup)"});
  }

  topology_core& topology_;
  topology_run& run_;
  std::size_t opened_ = 0;
  bool kept_ = false;
};

}  // namespace

// The handler has its turn when the topology has not: it may start others, and take its time. The topology runs: from
// here on nothing throws.
topology_core::started topology_core::start(start_options&& options) {
  const auto on_warning = options.on_start_warning;
  started result = start_in_turn(std::move(options));
  if (on_warning) {
    for (const problem& each : result.warnings) {
      call_handler("start_options::on_start_warning", [&] { on_warning(each); });
    }
  } else if (!result.warnings.empty()) {
    print_warnings(facts_.name, result.warnings);
  }
  return result;
}

topology_core::started topology_core::start_in_turn(start_options&& options) {
  const std::string name(facts_.name);
  const auto refuse_if = [&](bool condition, const char* id, const char* what, const char* remedy) {
    if (condition)
      throw start_error(name, {{.id = id, .where = "topology '" + name + "'", .what = what, .remedy = remedy}});
  };
  const auto refuse_if_running = [&](bool runs) {
    refuse_if(runs, "PF213", "it is running already",
              "start it once, and again only after its running_topology was stopped or destroyed");
  };
  refuse_if(is_abandoned_, "PF224",
            "it ran when this process was forked; its threads are in the parent, and cannot be had here",
            "start it after the fork only, or run a program in the child (exec)");
  refuse_if_running(is_own_thread());  // a stop that waits for this thread has the turn, perhaps
  watch_for_forks(*this);
  (void)turn_.take_until(no_deadline);
  const turn_guard own(turn_);
  refuse_if_running(run_ != nullptr);
  auto run = std::make_unique<topology_run>(std::move(options));
  const auto fail_on = [&](bool condition) {
    if (condition) throw start_error(name, std::move(run->problems));
  };

  run->map = resolve_cpu_map(run->options, run->problems);
  fail_on(!run->problems.empty());  // a map that is not understood would put threads anywhere

  const bool strict = facts_.on_failure == failure_response::fail;
  const machine_files machine;
  const layout wanted = compare_with_machine(*run, facts_, machine);
  fail_on(strict && !run->problems.empty());

  started result;
  result.warnings = slowing_limits(machine, wanted.plans, run->unpinned);
  run->settings.apply(facts_, wanted.process_cores, wanted.starters, stack_bytes_of(*run, wanted.plans), run->problems);
  {
    attempt running(*this, *run);
    fail_on(!running.open_pools());
    fail_on(!running.create_threads());
    if (run->watches()) begin_watch(*run);
    fail_on(strict && !run->problems.empty());
    result.problems = run->problems;
    running.keep();
  }
  {
    const std::lock_guard short_lock(run_mutex_);
    run_ = run.release();
    result.generation = ++generation_;
    current_run_.store(generation_, std::memory_order_release);
  }
  warnings_.open(run_->options.on_warning);
  for (pool_core* pool : facts_.pools) pool->admit();
  run_->barrier.decide(true);
  // Through draining, in which only their own tasks may submit: no pool's first task finds another pool closed.
  for (pool_core* pool : facts_.pools) pool->gate().drain();
  waiters_.open();
  for (pool_core* pool : facts_.pools) pool->gate().open();
  // Who asked for a stop when the gates were not open yet, as on_thread_start may, has asked in vain.
  const bool is_to_stop = [this] {
    const std::lock_guard short_lock(run_mutex_);
    return run_->is_to_stop;
  }();
  if (is_to_stop) request_stop(result.generation);
  return result;
}

void topology_core::begin_watch(topology_run& run) const {
  const auto error = run.watch.begin(*this, generation_ + 1, run.options, run.unpinned);
  if (!error) return;
  run.problems.push_back({"PF203", "topology '" + std::string(facts_.name) + '\'',
                          "thread for start_options::verify_every cannot be created: " + error.message(),
                          "raise the limits (ulimit -u, ulimit -v, TasksMax=, pids cgroup), or watch from outside: "
                          "pinfold verify --watch"});
}

}  // namespace pinfold::detail
