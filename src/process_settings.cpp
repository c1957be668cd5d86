#include "process_settings.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <thread>
#include <utility>

#include "cpu_list.hpp"
#include "machine_files.hpp"
#include "remedies.hpp"

namespace pinfold::detail {
namespace {

// What the process's threads had before topologies moved them. Several topologies may run, and stop in any order: the
// one that came last rules, and when the last of them has gone, every thread gets back what it had at first.
struct moved_threads {
  std::mutex mutex;
  std::vector<const std::vector<int>*> rulers;     // core lists of the running topologies, in order of start
  std::map<os::thread_id, os::cpu_list> at_first;  // of the threads that were moved
  os::cpu_list starters;                           // of the first starter: for threads that were born later
  std::set<os::thread_id> of_pools;
  std::size_t memory_locks = 0;
  std::set<os::cpu_dma_latency*> latencies;  // which a forked child is not to hold
};

// Never destroyed: pools' threads may still end while the process does.
moved_threads& registry() {
  static auto* const instance = new moved_threads;
  return *instance;
}

std::map<os::thread_id, os::cpu_list> look_for_threads_elsewhere(std::span<const int> cores) {
  moved_threads& moved = registry();
  const std::lock_guard lock(moved.mutex);
  std::map<os::thread_id, os::cpu_list> elsewhere;
  if (moved.rulers.empty() || !std::ranges::equal(*moved.rulers.back(), cores)) return elsewhere;
  std::error_code unlisted;
  for (const os::thread_id thread : os::threads_of_this_process(unlisted)) {
    if (moved.of_pools.contains(thread)) continue;
    os::cpu_list found = os::affinity(thread);
    if (!found.empty() && !std::ranges::equal(found, cores)) elsewhere.emplace(thread, std::move(found));
  }
  return elsewhere;
}

// Threads that something else has moved since keep their place.
void give_back_cpus(const moved_threads& moved, const std::vector<int>& cores) {
  std::error_code unlisted;
  for (const os::thread_id thread : os::threads_of_this_process(unlisted)) {
    if (moved.of_pools.contains(thread) || os::affinity(thread) != cores) continue;
    const auto known = moved.at_first.find(thread);
    const os::cpu_list& at_first = known == moved.at_first.end() ? moved.starters : known->second;
    // A refusal means that the thread has ended, or that its old CPUs are gone: nothing to take back.
    [[maybe_unused]] const auto gone =
        os::set_affinity(thread, moved.rulers.empty() ? at_first : os::cpu_list(*moved.rulers.back()));
  }
}

}  // namespace

pool_thread_mark::pool_thread_mark() {
  const std::lock_guard lock(registry().mutex);
  registry().of_pools.insert(os::this_thread_id());
}

pool_thread_mark::~pool_thread_mark() {
  const std::lock_guard lock(registry().mutex);
  registry().of_pools.erase(os::this_thread_id());
}

std::error_code process_settings::read_cpus(own_cpus& found) {
  os::cpu_list own;
  if (const auto error = os::read_affinity(os::calling_thread, own)) return error;
  {
    const std::lock_guard lock(registry().mutex);
    found.allowed = registry().rulers.empty() ? own : registry().starters;
  }
  found.pinnable = found.allowed;
  const os::cpu_list isolated = machine_files().isolated();
  if (std::ranges::includes(found.allowed, isolated)) return {};
  os::cpu_list wanted;
  std::ranges::set_union(found.allowed, isolated, std::back_inserter(wanted));
  // The kernel gives what the cpuset cgroup has of them.
  if (os::set_affinity(os::calling_thread, wanted)) return {};
  os::cpu_list given;
  std::error_code error;
  try {
    error = os::read_affinity(os::calling_thread, given);
  } catch (...) {
    error = os::set_affinity(os::calling_thread, own);
    throw;
  }
  if (os::set_affinity(os::calling_thread, own) || error) return {};
  found.pinnable = std::move(given);
  return {};
}

void process_settings::apply(const topology_facts& facts, std::span<const int> cores, std::span<const int> starters,
                             std::uint64_t stack_bytes, std::vector<problem>& problems) {
  const process_spec& process = facts.process;
  if (!cores.empty()) move_threads(cores, starters, facts, problems);
  if (process.lock_memory) lock_memory(facts, stack_bytes, problems);
  if (process.cpu_dma_latency_us >= 0) hold_latency(facts, problems);
}

void process_settings::hold_latency(const topology_facts& facts, std::vector<problem>& problems) {
  const std::lock_guard lock(registry().mutex);
  registry().latencies.insert(&latency_);
  if (const auto error = latency_.hold(static_cast<std::int32_t>(facts.process.cpu_dma_latency_us))) {
    problems.push_back(
        {"PF211", "process", "/dev/cpu_dma_latency cannot be held: " + error.message(),
         "give the process write access to /dev/cpu_dma_latency, or edit " + process_key(facts, "cpu_dma_latency_us")});
  }
}

void process_settings::let_go_of_latency() noexcept {
  const std::lock_guard lock(registry().mutex);
  latency_.let_go();
  registry().latencies.erase(&latency_);
}

// From here on new stacks are locked, too: one for which the limit has no room cannot be made.
void process_settings::lock_memory(const topology_facts& facts, std::uint64_t stack_bytes,
                                   std::vector<problem>& problems) {
  const auto report = [&](std::string what) {
    problems.push_back({"PF209", "process", std::move(what),
                        "raise RLIMIT_MEMLOCK (ulimit -l, LimitMEMLOCK=), grant CAP_IPC_LOCK, or edit " +
                            process_key(facts, "lock_memory")});
  };
  const std::lock_guard lock(registry().mutex);
  if (const auto error = os::lock_memory()) {
    report("mlockall refused: " + error.message());
    return;
  }
  locked_memory_ = true;
  ++registry().memory_locks;
  if (const auto left = os::lockable_bytes_left(); left && *left < stack_bytes) {
    locked_memory_ = false;
    if (--registry().memory_locks == 0) os::unlock_memory();
    report("the threads' stacks need " + std::to_string(stack_bytes / 1024) + " KiB of locked memory; RLIMIT_MEMLOCK " +
           "leaves " + std::to_string(*left / 1024));
  }
}

// A thread may start another while the list is read: look again until a pass finds none that is new. A thread that ends
// meanwhile needs nothing.
void process_settings::move_threads(std::span<const int> cores, std::span<const int> starters,
                                    const topology_facts& facts, std::vector<problem>& problems) {
  const auto report = [&](const std::string& where, std::string what, const std::string& remedy) {
    problems.push_back({"PF215", where, std::move(what), remedy + process_key(facts, "cores")});
  };
  std::vector<int> wanted = ascending(cores);

  moved_threads& moved = registry();
  const std::lock_guard lock(moved.mutex);
  if (moved.rulers.empty()) moved.starters.assign(starters.begin(), starters.end());
  moved.rulers.push_back(&cores_);
  cores_ = std::move(wanted);  // from here on the threads are to be given back
  std::set<os::thread_id> seen;
  for (bool found_new = true; found_new;) {
    found_new = false;
    std::error_code unlisted;
    const std::vector<os::thread_id> threads = os::threads_of_this_process(unlisted);
    if (unlisted) {
      report("process", "its threads cannot be listed: " + unlisted.message(),
             "mount /proc and let it be read, or edit ");
    }
    for (const os::thread_id thread : threads) {
      if (moved.of_pools.contains(thread) || !seen.insert(thread).second) continue;
      const std::string where = "process thread " + std::to_string(thread);
      os::cpu_list before;
      const auto unread = os::read_affinity(thread, before);
      if (unread == std::errc::no_such_process) continue;
      found_new = true;
      if (unread) {
        report(where, "its affinity cannot be read: " + unread.message(), "allow sched_getaffinity, or edit ");
        continue;
      }
      // Born from a thread that was moved already: it has what the starter had.
      moved.at_first.emplace(thread, before == cores_ ? moved.starters : before);
      const auto refused = os::set_affinity(thread, cores_);
      os::cpu_list now;
      const auto unknown = os::read_affinity(thread, now);
      if (unknown == std::errc::no_such_process || now == cores_) continue;
      const std::string affinity = "affinity " + format_cpus(cores_);
      if (refused) {
        report(where, affinity + " refused: " + refused.message(), "edit ");
      } else if (unknown) {
        report(where, affinity + " cannot be read back: " + unknown.message(), "allow sched_getaffinity, or edit ");
      } else {
        report(where, affinity + " reads back as " + format_cpus(now), "edit ");
      }
    }
  }
}

// A thread of a pool is nobody's for a moment: before it has its mark, and when it has given that back.
std::map<os::thread_id, os::cpu_list> process_settings::threads_elsewhere(std::span<const int> cores) {
  std::map<os::thread_id, os::cpu_list> elsewhere = look_for_threads_elsewhere(cores);
  if (elsewhere.empty()) return elsewhere;
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto again = look_for_threads_elsewhere(cores);
  std::erase_if(elsewhere, [&](const auto& each) { return !again.contains(each.first); });
  return elsewhere;
}

void process_settings::restore_threads() noexcept {
  moved_threads& moved = registry();
  const std::lock_guard lock(moved.mutex);
  const bool ruled = moved.rulers.back() == &cores_;
  std::erase(moved.rulers, &cores_);
  if (!ruled) return;
  try {
    give_back_cpus(moved, cores_);
  } catch (const std::bad_alloc&) {
    std::fputs("pinfold: no memory left to give all threads of the process back the CPUs that they had\n", stderr);
  }
  if (moved.rulers.empty()) moved.at_first.clear();
}

void process_settings::lock_for_fork() { registry().mutex.lock(); }

void process_settings::unlock_after_fork() { registry().mutex.unlock(); }

void process_settings::abandon_in_child() noexcept {
  moved_threads& moved = registry();
  moved.rulers.clear();
  moved.at_first.clear();
  moved.of_pools.clear();
  moved.memory_locks = 0;
  for (os::cpu_dma_latency* each : moved.latencies) each->let_go();
  moved.latencies.clear();
}

// What the destructor needs is there by then.
process_settings::process_settings() { (void)registry(); }

process_settings::~process_settings() {
  let_go_of_latency();
  if (!cores_.empty()) restore_threads();
  if (!locked_memory_) return;
  const std::lock_guard lock(registry().mutex);
  if (--registry().memory_locks == 0) os::unlock_memory();
}

}  // namespace pinfold::detail
