#include <pinfold/detail/topology_core.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <pinfold/detail/asio_memory.hpp>
#include <pinfold/detail/pool_core.hpp>

#include "cpu_map.hpp"
#include "forks.hpp"
#include "handlers.hpp"
#include "machine_limits.hpp"
#include "problem_text.hpp"
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

void join_threads(topology_run& run, const pool_core& of_pool) {
  for (pool_thread& thread : run.threads) {
    if (thread.created && thread.plan.pool == &of_pool) os::join(thread.handle);
  }
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
  refuse_if_running(drift_watch::runs_here(*this));  // a stop that waits for this thread has the turn, perhaps
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

bool topology_core::tracks_coroutines() const noexcept {
  return std::ranges::any_of(facts_.pools, [](pool_core* pool) { return !pool->tracked().empty(); });
}

void topology_core::request_stop(std::uint64_t generation) noexcept {
  {
    const std::lock_guard short_lock(run_mutex_);
    if (run_ == nullptr || generation_ != generation) return;
    run_->is_to_stop = true;
    for (pool_core* pool : facts_.pools) pool->gate().refuse_foreigners();
    // While one gate is held none closes, and this run does not end.
    if (facts_.pools.empty() || !facts_.pools.front()->gate().enter(true, 0, holding::yes)) return;
  }
  for (pool_core* pool : facts_.pools) {
    pool->request_stop();
    pool->tracked().request_stop();
  }
  facts_.pools.front()->gate().let_go();
}

// Accepted work may submit to any pool, so one idle pool says nothing: what counts is a look at all of them during
// which none accepted anything. Then each, idle at its turn, is idle still. is_idle() and drain() rest on this.
bool topology_core::is_idle() const noexcept {
  const auto are_idle_at = [this](std::uint64_t& sum) {  // of numbers that only grow: equal only if each is
    return std::ranges::all_of(facts_.pools, [&](const pool_core* pool) {
      std::uint64_t accepted = 0;
      const bool idle = pool->gate().is_idle_at(accepted);
      sum += accepted;
      return idle;
    });
  };
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  return are_idle_at(before) && are_idle_at(after) && before == after;
}

pool_core& topology_core::pool_with_workers() const {
  for (pool_core* pool : facts_.pools) {
    if (pool->spec().threads != 0) return *pool;
  }
  throw std::logic_error("topology '" + std::string(facts_.name) + "' has no task workers, only managed threads: " +
                         "it has no work whose end an asynchronous wait could wait for");
}

void topology_core::wait_idle() const {
  for (pool_core* pool : facts_.pools) {
    if (this_thread.pool == pool) throw would_block(pool->waits_for_itself("wait_idle"));
  }
  while (!is_idle()) {
    for (pool_core* pool : facts_.pools) pool->wait_idle();
  }
}

// tests/model/closing.pml is this loop for the model checker.
bool topology_core::drain(deadline limit) noexcept {
  for (;;) {
    for (std::size_t i = facts_.pools.size(); i-- > 0;) {
      pool_core& pool = *facts_.pools[i];
      if (!pool.join_managed_threads(limit)) return false;
      while (!pool.gate().remember()) {
        if (!pool.gate().wait_idle_until(limit)) return false;
      }
    }
    if (close_gates()) return true;
    if (has_passed(limit)) return false;
  }
}

// Where no gate has changed since it was found idle, all were idle at once when the last was: no task is left that a
// closed gate could refuse. Nor a managed thread, if none is on a list after that: one that was being born held its
// gate, and who bears one later must be accepted work. While that is looked at, nobody who waits asynchronously becomes
// work. Only then are the gates closed, which can fail for a foreigner who was counted and is not refused yet.
bool topology_core::close_gates() noexcept {
  const auto has_threads = [](const pool_core* pool) { return pool->has_managed_threads(); };
  const auto unchanged = [](const pool_core* pool) { return pool->gate().is_as_remembered(); };
  if (std::ranges::any_of(facts_.pools, has_threads)) return false;
  return waiters_.close_if_none([&] {
    if (!std::ranges::all_of(facts_.pools, unchanged)) return false;
    for (std::size_t closed = 0; closed < facts_.pools.size(); ++closed) {
      if (facts_.pools[closed]->gate().try_close()) continue;
      while (closed-- > 0) facts_.pools[closed]->gate().drain();
      return false;
    }
    return true;
  });
}

void topology_core::die_if_own_thread() const noexcept {
  if (is_abandoned_) return;
  const auto is_here = [](const pool_core* pool) { return this_thread.pool == pool; };
  if (!std::ranges::any_of(facts_.pools, is_here) && !drift_watch::runs_here(*this)) return;
  std::fprintf(stderr, "pinfold: topology '%s' was stopped by its own thread %s, which cannot join itself\n",
               std::string(facts_.name).c_str(), os::thread_name().c_str());
  std::terminate();
}

// Refuses at once, also while another thread has the turn.
bool topology_core::stop(std::uint64_t generation, deadline limit) noexcept {
  die_if_own_thread();
  if (!turn_.try_take()) {
    request_stop(generation);
    if (!turn_.take_until(limit)) return false;
  }
  const turn_guard own(turn_);
  if (!is_current(generation)) return true;
  request_stop(generation);
  return end_run(limit);
}

bool topology_core::end_run(deadline limit) noexcept {
  run_->watch.request_end();
  if (!run_->is_drained && !drain(limit)) return false;
  run_->is_drained = true;
  for (; run_->ended < facts_.pools.size(); ++run_->ended) {
    pool_core& pool = *facts_.pools[facts_.pools.size() - 1 - run_->ended];
    pool.release();
    if (!run_->ends.wait_for_all_of(pool, run_->threads, limit)) return false;
    join_threads(*run_, pool);
  }
  if (!run_->watch.end(limit)) return false;
  // What waits for I/O in one pool may hold sockets and timers of another: all of it goes before any context does.
  for (std::size_t i = facts_.pools.size(); i-- > 0;) facts_.pools[i]->abandon();
  for (std::size_t i = facts_.pools.size(); i-- > 0;) facts_.pools[i]->stop();
  warnings_.close();
  std::unique_ptr<topology_run> ended;  // what its options have captured may use this topology as it goes
  {
    const std::lock_guard short_lock(run_mutex_);
    run_->traces.end();
    ended.reset(std::exchange(run_, nullptr));
    current_run_.store(0, std::memory_order_release);
  }
  return true;
}

// A start or stop that another thread is in ends in the parent only.
void topology_core::abandon_in_child() noexcept {
  const bool was_in_turn = turn_.abandon_in_child();
  if (run_ == nullptr && !was_in_turn) return;
  for (pool_core* pool : facts_.pools) pool->abandon_in_child();
  waiters_.abandon_in_child();
  if (run_ != nullptr) run_->settings.let_go_in_child();
  run_ = nullptr;
  current_run_.store(0);
  is_abandoned_ = true;
}

void topology_core::report_escaped(const pool_core& pool, std::exception_ptr error) noexcept {
  const std::string name = pool.qualified_name();
  const std::string thread = os::thread_name();
  if (run_ != nullptr && run_->options.on_exception) {
    call_handler("start_options::on_exception",
                 [&] { run_->options.on_exception({.pool = name, .thread = thread, .error = std::move(error)}); });
    return;
  }
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& known) {
    std::fprintf(stderr, "pinfold: exception escaped from a task of %s on thread %s: %s\n", name.c_str(),
                 thread.c_str(), known.what());
  } catch (...) {
    std::fprintf(stderr, "pinfold: exception of unknown type escaped from a task of %s on thread %s\n", name.c_str(),
                 thread.c_str());
  }
  std::terminate();
}

}  // namespace pinfold::detail
