#include "layout.hpp"

#include <sched.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "support/threads.hpp"

namespace pinfold_vm {
namespace {

using pinfold::pin_mode;
using pinfold::pool_spec;
using pinfold::sched_policy;
using pinfold_test::thread_facts;

constexpr std::array kinds{"asio", "tbb", "native"};

std::string list_of(const std::vector<int>& cpus) {
  std::string text;
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(cpus[i]);
    if (last > i) text += '-' + std::to_string(cpus[last]);
    i = last;
  }
  return text;
}

// The kernel's number of a policy, and what the file says about it.
struct scheduling {
  int policy = SCHED_OTHER;
  int priority = 0;
  std::optional<int> nice;  // nothing: as inherited
};

scheduling declared_scheduling(const pool_spec& pool) {
  constexpr std::array numbers{std::pair{sched_policy::other, SCHED_OTHER}, std::pair{sched_policy::batch, SCHED_BATCH},
                               std::pair{sched_policy::idle, SCHED_IDLE},   std::pair{sched_policy::fifo, SCHED_FIFO},
                               std::pair{sched_policy::rr, SCHED_RR},       std::pair{sched_policy::deadline, 6}};
  const auto* const found = std::ranges::find(numbers, pool.policy, [](const auto& entry) { return entry.first; });
  return {.policy = found->second, .priority = pool.priority, .nice = pool.nice};
}

std::string text_of(const scheduling& schedule) {
  constexpr std::array names{"other", "fifo", "rr", "batch", "?", "idle", "deadline"};
  std::string text = names.at(static_cast<std::size_t>(schedule.policy));
  if (schedule.priority != 0) text += ' ' + std::to_string(schedule.priority);
  if (schedule.nice && *schedule.nice != 0) text += " nice " + std::to_string(*schedule.nice);
  return text;
}

bool is_within(const std::vector<int>& cpus, const std::vector<int>& allowed) {
  return std::ranges::includes(allowed, cpus);
}

std::vector<std::string> faults_of(const declared_thread& declared, const thread_facts& actual) {
  std::vector<std::string> faults;
  const bool in_place =
      declared.cpus.empty() || (declared.one_of_cpus ? actual.cpus.size() == 1 && is_within(actual.cpus, declared.cpus)
                                                     : actual.cpus == declared.cpus);
  if (!in_place) faults.emplace_back("AFFINITY");
  if (!is_within(declared.ran_on, actual.cpus)) faults.emplace_back("CPU");
  const scheduling wanted = declared_scheduling(*declared.pool);
  if (actual.policy != wanted.policy || actual.priority != wanted.priority) faults.emplace_back("POLICY");
  if (wanted.nice && actual.nice != *wanted.nice) faults.emplace_back("NICE");
  return faults;
}

void print_row(const std::string& pool, const std::string& thread, const std::string& cpus, const std::string& affinity,
               const std::string& ran_on, const std::string& declared, const std::string& actual,
               const std::string& verdict) {
  std::printf("%-18s %-16s %-16s %-16s %-10s %-16s %-16s %s\n", pool.c_str(), thread.c_str(), cpus.c_str(),
              affinity.c_str(), ran_on.c_str(), declared.c_str(), actual.c_str(), verdict.c_str());
}

std::vector<int> sorted(std::vector<int> cpus) {
  std::ranges::sort(cpus);
  return cpus;
}

}  // namespace

std::vector<declared_thread> declared_threads(const pool_spec& pool) {
  std::vector<declared_thread> threads;
  const std::vector<int> all(pool.cores.begin(), pool.cores.end());
  const bool one_each = pool.pin == pin_mode::thread && !all.empty();
  for (std::size_t i = 0; i < pool.threads; ++i) {
    threads.push_back({.pool = &pool,
                       .name = std::string(pool.thread_name) + '-' + std::to_string(i),
                       .cpus = one_each ? std::vector{all[i]} : sorted(all)});
  }
  const std::vector<int> beside(all.begin() + static_cast<std::ptrdiff_t>(one_each ? pool.threads : 0), all.end());
  for (std::size_t i = 0; i < pool.blocking_threads; ++i) {
    threads.push_back({.pool = &pool,
                       .name = std::string(pool.thread_name) + "-b" + std::to_string(i),
                       .cpus = sorted(beside.empty() ? all : beside)});
  }
  return threads;
}

declared_thread declared_managed_thread(const pool_spec& pool, std::size_t index) {
  return {.pool = &pool,
          .name = std::string(pool.thread_name) + "-m" + std::to_string(index),
          .cpus = sorted({pool.cores.begin(), pool.cores.end()}),
          .one_of_cpus = pool.pin == pin_mode::thread};
}

std::vector<int> where_this_thread_runs() {
  using namespace std::chrono_literals;
  std::set<int> cpus;
  for (int i = 0; i < 5; ++i) {
    for (int spin = 0; spin < 1000; ++spin) cpus.insert(sched_getcpu());
    std::this_thread::sleep_for(1ms);
  }
  return {cpus.begin(), cpus.end()};
}

void stay() {
  std::puts("ready");
  std::fflush(stdout);
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

int compare(const std::vector<declared_thread>& threads) {
  print_row("pool", "thread", "declared CPUs", "affinity", "ran on", "declared policy", "policy", "");
  int wrong = 0;
  std::set<int> known;
  const auto running = pinfold_test::threads_of_this_process();
  for (const declared_thread& declared : threads) {
    const std::string pool =
        std::string(kinds.at(static_cast<std::size_t>(declared.pool->kind))) + '.' + std::string(declared.pool->name);
    const std::string policy = text_of(declared_scheduling(*declared.pool));
    const std::string cpus = declared.cpus.empty() ? "any" : list_of(declared.cpus);
    const auto same_name = [&](const thread_facts& thread) { return thread.name == declared.name; };
    const auto found = std::ranges::find_if(running, same_name);
    if (found == running.end() || std::ranges::count_if(running, same_name) != 1) {
      print_row(pool, declared.name, cpus, "", "", policy, "", found == running.end() ? "MISSING" : "SEVERAL");
      ++wrong;
      continue;
    }
    known.insert(found->id);
    std::string verdict;
    for (const std::string& fault : faults_of(declared, *found)) verdict += (verdict.empty() ? "" : " ") + fault;
    wrong += verdict.empty() ? 0 : 1;
    const scheduling actual{.policy = found->policy, .priority = found->priority, .nice = found->nice};
    print_row(pool, declared.name, cpus, list_of(found->cpus), list_of(declared.ran_on), policy, text_of(actual),
              verdict.empty() ? "ok" : verdict);
  }
  for (const thread_facts& thread : running) {
    if (known.contains(thread.id)) continue;
    const bool is_main = thread.id == pinfold_test::id_of_this_thread();
    const bool is_expected = is_main || thread.name == "tbb-parked";
    print_row("-", thread.name, "", list_of(thread.cpus), "", "", "", is_expected ? "ok" : "NOBODY'S");
    wrong += is_expected ? 0 : 1;
  }
  std::printf("%zu threads declared, %d wrong\n", threads.size(), wrong);
  return wrong;
}

}  // namespace pinfold_vm
