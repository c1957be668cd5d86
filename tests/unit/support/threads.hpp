// This process's threads and the machine's CPUs as the kernel shows them, read without pinfold.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <pinfold/start_options.hpp>

namespace pinfold_test {

struct thread_facts {
  int id = 0;
  std::string name;
  std::vector<int> cpus;
  int policy = 0;    ///< SCHED_OTHER ...
  int priority = 0;  ///< of fifo and rr
  int nice = 0;
};

std::vector<thread_facts> threads_of_this_process();
/// Those that were not there when `before` was read. Counts would not tell: one that was joined stays listed for a
/// moment, and its going makes room for another.
std::vector<thread_facts> threads_since(const std::vector<thread_facts>& before);
/// The only thread of this name; nothing when there is none or more than one.
std::optional<thread_facts> thread_named(const std::string& name);
std::size_t count_threads_named_like(const std::string& prefix);
std::vector<int> affinity_of_this_thread();
int id_of_this_thread();
/// The kernel says so now.
bool is_asleep(int thread);

/// The CPUs that this process could use when it first asked: ask before a topology runs.
const std::vector<int>& usable_cpus();

/// Where the tests' topologies, which are written for cores 0 and 1, find those on this machine.
int cpu_of_core(int core);
std::vector<int> cpus_of_cores(const std::vector<int>& cores);
/// "0:A;1:B" with the CPUs A and B of cpu_of_core().
std::string cpu_map_of_this_machine();
pinfold::start_options on_this_machine();

}  // namespace pinfold_test
