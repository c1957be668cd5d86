#include "threads.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>

namespace pinfold_test {
namespace {

std::vector<int> affinity_of(int thread) {
  std::vector<int> cpus;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(thread, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

}  // namespace

std::vector<thread_facts> threads_of_this_process() {
  std::vector<thread_facts> threads;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    thread_facts thread;
    thread.id = std::stoi(entry.path().filename().string());
    std::ifstream comm(entry.path() / "comm");
    if (!std::getline(comm, thread.name)) continue;  // ended meanwhile
    thread.cpus = affinity_of(thread.id);
    thread.policy = sched_getscheduler(thread.id) & ~SCHED_RESET_ON_FORK;
    sched_param parameters{};
    sched_getparam(thread.id, &parameters);
    thread.priority = parameters.sched_priority;
    thread.nice = getpriority(PRIO_PROCESS, static_cast<id_t>(thread.id));
    threads.push_back(std::move(thread));
  }
  return threads;
}

std::vector<thread_facts> threads_since(const std::vector<thread_facts>& before) {
  std::vector<thread_facts> found = threads_of_this_process();
  std::erase_if(found, [&](const thread_facts& now) {
    return std::any_of(before.begin(), before.end(), [&](const thread_facts& then) { return then.id == now.id; });
  });
  return found;
}

std::optional<thread_facts> thread_named(const std::string& name) {
  std::optional<thread_facts> found;
  for (thread_facts& thread : threads_of_this_process()) {
    if (thread.name != name) continue;
    if (found) return std::nullopt;
    found = std::move(thread);
  }
  return found;
}

std::size_t count_threads_named_like(const std::string& prefix) {
  const auto threads = threads_of_this_process();
  return static_cast<std::size_t>(std::count_if(
      threads.begin(), threads.end(), [&](const thread_facts& thread) { return thread.name.starts_with(prefix); }));
}

std::vector<int> affinity_of_this_thread() { return affinity_of(0); }

int id_of_this_thread() { return static_cast<int>(gettid()); }

// "1234 (name) S ...", where the name may hold anything.
bool is_asleep(int thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  std::string line;
  std::getline(stat, line);
  const auto name_ends = line.rfind(')');
  return name_ends != std::string::npos && line.substr(name_ends + 1, 3) == " S ";
}

const std::vector<int>& usable_cpus() {
  static const std::vector<int> cpus = affinity_of_this_thread();
  return cpus;
}

int cpu_of_core(int core) { return usable_cpus()[static_cast<std::size_t>(core) % usable_cpus().size()]; }

std::vector<int> cpus_of_cores(const std::vector<int>& cores) {
  std::vector<int> cpus;
  for (const int core : cores) cpus.push_back(cpu_of_core(core));
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

std::string cpu_map_of_this_machine() {
  return "0:" + std::to_string(cpu_of_core(0)) + ";1:" + std::to_string(cpu_of_core(1));
}

pinfold::start_options on_this_machine() {
  pinfold::start_options options;
  options.cpu_map = cpu_map_of_this_machine();
  return options;
}

}  // namespace pinfold_test
