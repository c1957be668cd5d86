#include "thread_setup.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <pinfold/detail/pool_core.hpp>

#include "cpu_list.hpp"
#include "names.hpp"
#include "remedies.hpp"

namespace pinfold::detail {
namespace {

// Collects what goes wrong while one thread is set up.
class setup {
 public:
  explicit setup(thread_plan& plan) : plan_(plan) {}

  void name() {
    if (const auto error = os::set_thread_name(plan_.name)) {
      report("PF207", "name '" + plan_.name + "' refused: " + error.message(),
             "edit " + key_of(*plan_.place, "thread_name"));
      return;
    }
    std::string found;
    if (const auto error = os::read_thread_name(os::calling_thread, found)) {
      cannot_be_read_back("name", error, "prctl(PR_GET_NAME)");
    } else if (found != plan_.name) {
      did_not_stick("name", plan_.name, found);
    }
  }

  void affinity() {
    if (plan_.cpus.empty()) return;
    const std::vector<int> wanted = ascending(plan_.cpus);
    if (const auto error = os::set_affinity(os::calling_thread, wanted)) {
      report("PF204", "affinity " + format_cpus(wanted) + " refused: " + error.message(),
             "edit " + key_of(*plan_.place, "cores") + ", or give the process these CPUs (taskset, cpuset cgroup)");
      plan_.cpus = os::affinity(os::calling_thread);
      return;
    }
    os::cpu_list found;
    if (const auto error = os::read_affinity(os::calling_thread, found)) {
      cannot_be_read_back("affinity", error, "sched_getaffinity");
    } else if (found != wanted) {
      did_not_stick("affinity", format_cpus(wanted), format_cpus(found));
      plan_.cpus = std::move(found);
    }
  }

  void schedule() {
    const os::schedule wanted = plan_.schedule;
    const auto refused = os::set_schedule(wanted);
    if (refused) {
      report("PF205", describe(wanted) + " refused: " + refused.message(), remedy_for_refusal(wanted, refused));
      plan_.schedule = {};
    }
    os::schedule found;
    if (const auto error = os::current_schedule(os::calling_thread, found)) {
      if (!refused) cannot_be_read_back("scheduling policy", error, "sched_getattr and getpriority");
    } else if (!is_as_wanted(found, wanted)) {
      if (!refused) did_not_stick("policy", describe(wanted), describe(found));
      plan_.schedule = found;
    }
  }

  void timer_slack() {
    if (plan_.timer_slack_ns < 0) return;
    // The kernel takes 0 as "back to the default".
    const auto wanted = static_cast<std::uint64_t>(std::max<std::int64_t>(plan_.timer_slack_ns, 1));
    if (const auto error = os::set_timer_slack(wanted)) {
      report("PF210", "timer slack of " + std::to_string(wanted) + " ns refused: " + error.message(),
             "edit [process] timer_slack_ns");
      return;
    }
    std::uint64_t found = 0;
    if (const auto error = os::read_timer_slack(found)) {
      cannot_be_read_back("timer slack", error, "prctl(PR_GET_TIMERSLACK)");
    } else if (found != wanted && found != 0) {  // real-time threads have none; the kernel reports 0 for them
      did_not_stick("timer slack", std::to_string(wanted), std::to_string(found));
    }
  }

  void stack() {
    const pool_spec& spec = plan_.pool->spec();
    if (!spec.prefault_stack) return;
    if (const auto error = os::prefault_stack(spec.stack_kib * 1024)) {
      report("PF223", "the stack cannot be prefaulted: " + error.message(),
             "free memory, or edit " + key_of(*plan_.place, "prefault_stack"));
    }
  }

  std::vector<problem> problems;

 private:
  void report(const char* id, std::string what, std::string remedy) {
    problems.push_back({id, describe(plan_), std::move(what), std::move(remedy)});
  }

  void cannot_be_read_back(const std::string& what, std::error_code error, const std::string& call) {
    report("PF208", "the " + what + " cannot be read back: " + error.message(),
           "allow " + call + ": a sandbox or a seccomp filter forbids it");
  }

  void did_not_stick(const std::string& what, const std::string& wanted, const std::string& found) {
    report("PF208", what + " was set to " + wanted + " but reads back as " + found,
           "look for what changes threads from outside: a cpuset cgroup, an agent, a preloaded library");
  }

  thread_plan& plan_;
};

}  // namespace

std::string describe(const thread_plan& plan) {
  const std::string pool = plan.pool->qualified_name();
  switch (plan.role) {
    case thread_role::blocking:
      return pool + " blocking thread " + std::to_string(plan.index);
    case thread_role::managed:
      return plan.name.empty() ? pool + " managed threads" : pool + " managed thread '" + plan.name + "'";
    default:
      return pool + " thread " + std::to_string(plan.index);
  }
}

os::schedule declared_schedule(const pool_spec& spec) {
  return {.policy = spec.policy, .priority = spec.priority, .nice = spec.nice, .deadline = spec.deadline};
}

bool is_as_wanted(const os::schedule& found, const os::schedule& wanted) {
  const auto times = [](const deadline_spec& of) { return std::tuple(of.runtime_us, of.deadline_us, of.period_us); };
  return found.policy == wanted.policy && found.priority == wanted.priority &&
         (!wanted.nice || found.nice == wanted.nice) &&
         (wanted.policy != sched_policy::deadline || times(found.deadline) == times(wanted.deadline));
}

std::string describe(const os::schedule& schedule) {
  std::string text(kernel_name_of(schedule.policy));
  if (schedule.priority != 0) text += ' ' + std::to_string(schedule.priority);
  if (schedule.nice) text += " nice " + std::to_string(*schedule.nice);
  if (schedule.policy == sched_policy::deadline) {
    text += ' ' + std::to_string(schedule.deadline.runtime_us) + '/' + std::to_string(schedule.deadline.deadline_us) +
            '/' + std::to_string(schedule.deadline.period_us) + " us";
  }
  return text;
}

std::vector<problem> set_up_this_thread(thread_plan& plan) {
  setup thread(plan);
  thread.name();
  thread.affinity();
  thread.schedule();
  thread.timer_slack();
  thread.stack();
  return std::move(thread.problems);
}

}  // namespace pinfold::detail
