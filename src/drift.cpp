#include "drift.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "cpu_list.hpp"
#include "process_settings.hpp"
#include "remedies.hpp"

namespace pinfold::detail {
namespace {

constexpr const char* drift_id = "PF217";

// Of one thread, against what is online now.
class comparison {
 public:
  comparison(const running_thread& thread, std::span<const int> online) : thread_(thread), online_(online) {}

  void affinity() {
    const std::vector<int> wanted = ascending(thread_.plan.cpus);
    const os::cpu_list found = os::affinity(thread_.id);
    if (wanted.empty() || found.empty() || found == wanted) return;
    const std::string back = "taskset -pc " + format_cpus(wanted) + ' ' + std::to_string(thread_.id);
    std::vector<int> offline;
    std::ranges::set_difference(wanted, online_, std::back_inserter(offline));
    if (offline.empty()) {
      report("affinity", format_cpus(found), format_cpus(wanted),
             back + ", and look for what moved it: taskset, an agent, a cpuset cgroup that has changed, the program");
    } else {
      report("affinity", format_cpus(found), format_cpus(wanted) + ", of which " + format_cpus(offline) + " is offline",
             "bring it online, then " + back + ", or start again with a CPU map (PINFOLD_CPU_MAP)");
    }
  }

  void schedule() {
    const os::schedule& wanted = thread_.plan.schedule;
    os::schedule found;
    if (os::current_schedule(thread_.id, found) || is_as_wanted(found, wanted)) return;
    if (!wanted.nice) found.nice.reset();
    report("policy", describe(found), describe(wanted),
           "look for what changed it: chrt, renice, an agent, the program");
  }

  void name() {
    const std::string found = os::thread_name(thread_.id);
    if (found.empty() || found == thread_.plan.name) return;
    report("name", "'" + found + "'", "'" + thread_.plan.name + "'", "look for what renames threads of pools");
  }

  std::vector<problem> problems;

 private:
  void report(const char* what, const std::string& now, const std::string& before, std::string remedy) {
    problems.push_back({drift_id, describe(thread_.plan),
                        std::string(what) + " is " + now + "; the start set " + before, std::move(remedy)});
  }

  const running_thread& thread_;
  std::span<const int> online_;
};

}  // namespace

std::vector<problem> drift_of(std::span<const running_thread> threads) {
  const os::cpu_list online = os::online_cpus();
  std::vector<problem> all;
  for (const running_thread& each : threads) {
    comparison thread(each, online);
    thread.affinity();
    thread.schedule();
    thread.name();
    std::ranges::move(thread.problems, std::back_inserter(all));
  }
  return all;
}

std::vector<problem> drift_of_process(std::span<const int> cores, const topology_facts& facts) {
  std::vector<problem> all;
  for (const auto& [thread, found] : process_settings::threads_elsewhere(cores)) {
    all.push_back({drift_id, "process thread " + std::to_string(thread) + " '" + os::thread_name(thread) + "'",
                   "affinity is " + format_cpus(found) + "; it is no pool's, and declared is " + format_cpus(cores),
                   "taskset -pc " + format_cpus(cores) + ' ' + std::to_string(thread) + ", or edit " +
                       process_key(facts, "cores") + "; a thread that a pool's thread starts inherits its core"});
  }
  return all;
}

}  // namespace pinfold::detail
