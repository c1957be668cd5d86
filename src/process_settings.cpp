#include "process_settings.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "cpu_list.hpp"
#include "thread_setup.hpp"

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
};

// Never destroyed: pools' threads may still end while the process does.
moved_threads& registry() {
  static auto* const instance = new moved_threads;
  return *instance;
}

std::string process_key(const topology_facts& facts, std::string_view key) {
  return key_of({.table = "process", .place = facts.file, .keys = facts.process_keys}, key);
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

os::cpu_list process_settings::allowed_cpus() {
  const std::lock_guard lock(registry().mutex);
  return registry().rulers.empty() ? os::affinity(os::calling_thread) : registry().starters;
}

os::cpu_list process_settings::pinnable_cpus() {
  os::cpu_list allowed = allowed_cpus();
  const os::cpu_list isolated = os::isolated_cpus();
  if (std::ranges::includes(allowed, isolated)) return allowed;
  os::cpu_list wanted;
  std::ranges::set_union(allowed, isolated, std::back_inserter(wanted));
  // The kernel gives what the cpuset cgroup has of them.
  const os::cpu_list before = os::affinity(os::calling_thread);
  if (os::set_affinity(os::calling_thread, wanted)) return allowed;
  os::cpu_list given = os::affinity(os::calling_thread);
  if (os::set_affinity(os::calling_thread, before)) return allowed;
  return given;
}

void process_settings::apply(const topology_facts& facts, std::span<const int> cores, std::vector<problem>& problems) {
  const process_spec& process = facts.process;
  if (!cores.empty()) move_threads(cores, facts, problems);
  if (process.lock_memory) {
    if (const auto error = os::lock_memory()) {
      problems.push_back({"PF209", "process", "mlockall refused: " + error.message(),
                          "raise RLIMIT_MEMLOCK (ulimit -l, LimitMEMLOCK=), grant CAP_IPC_LOCK, or edit " +
                              process_key(facts, "lock_memory")});
    } else {
      locked_memory_ = true;
      const std::lock_guard lock(registry().mutex);
      ++registry().memory_locks;
    }
  }
  if (process.cpu_dma_latency_us >= 0) {
    if (const auto error = latency_.hold(static_cast<std::int32_t>(process.cpu_dma_latency_us))) {
      problems.push_back({"PF211", "process", "/dev/cpu_dma_latency cannot be held: " + error.message(),
                          "give the process write access to /dev/cpu_dma_latency, or edit " +
                              process_key(facts, "cpu_dma_latency_us")});
    }
  }
}

// A thread may start another while the list is read: look again until a pass finds none that is new. A thread that ends
// meanwhile (no mask any more) needs nothing.
void process_settings::move_threads(std::span<const int> cores, const topology_facts& facts,
                                    std::vector<problem>& problems) {
  cores_ = ascending(cores);

  moved_threads& moved = registry();
  const std::lock_guard lock(moved.mutex);
  if (moved.rulers.empty()) moved.starters = os::affinity(os::calling_thread);
  moved.rulers.push_back(&cores_);
  std::set<os::thread_id> seen;
  for (bool found_new = true; found_new;) {
    found_new = false;
    for (const os::thread_id thread : os::threads_of_this_process()) {
      if (moved.of_pools.contains(thread) || !seen.insert(thread).second) continue;
      const os::cpu_list before = os::affinity(thread);
      if (before.empty()) continue;
      found_new = true;
      // Born from a thread that was moved already: it has what the starter had.
      moved.at_first.emplace(thread, before == cores_ ? moved.starters : before);
      const auto error = os::set_affinity(thread, cores_);
      const os::cpu_list now = os::affinity(thread);
      if (now.empty() || now == cores_) continue;
      problems.push_back({"PF215", "process thread " + std::to_string(thread),
                          "affinity " + format_cpus(cores_) +
                              (error ? " refused: " + error.message() : " reads back as " + format_cpus(now)),
                          "edit " + process_key(facts, "cores")});
    }
  }
}

std::map<os::thread_id, os::cpu_list> process_settings::threads_elsewhere(std::span<const int> cores) {
  moved_threads& moved = registry();
  const std::lock_guard lock(moved.mutex);
  std::map<os::thread_id, os::cpu_list> elsewhere;
  if (moved.rulers.empty() || !std::ranges::equal(*moved.rulers.back(), cores)) return elsewhere;
  for (const os::thread_id thread : os::threads_of_this_process()) {
    if (moved.of_pools.contains(thread)) continue;
    os::cpu_list found = os::affinity(thread);
    if (!found.empty() && !std::ranges::equal(found, cores)) elsewhere.emplace(thread, std::move(found));
  }
  return elsewhere;
}

// Threads that something else has moved since keep their place.
void process_settings::restore_threads() noexcept {
  moved_threads& moved = registry();
  const std::lock_guard lock(moved.mutex);
  const bool ruled = moved.rulers.back() == &cores_;
  std::erase(moved.rulers, &cores_);
  if (!ruled) return;
  for (const os::thread_id thread : os::threads_of_this_process()) {
    if (moved.of_pools.contains(thread) || os::affinity(thread) != cores_) continue;
    const auto known = moved.at_first.find(thread);
    const os::cpu_list& at_first = known == moved.at_first.end() ? moved.starters : known->second;
    // A refusal means that the thread has ended, or that its old CPUs are gone: nothing to take back.
    [[maybe_unused]] const auto gone =
        os::set_affinity(thread, moved.rulers.empty() ? at_first : os::cpu_list(*moved.rulers.back()));
  }
  if (moved.rulers.empty()) moved.at_first.clear();
}

process_settings::~process_settings() {
  if (!cores_.empty()) restore_threads();
  if (!locked_memory_) return;
  const std::lock_guard lock(registry().mutex);
  if (--registry().memory_locks == 0) os::unlock_memory();
}

}  // namespace pinfold::detail
