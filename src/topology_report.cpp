// What a topology says of itself: what a stop has left, what has changed since the start, and a table of its pools.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <iomanip>
#include <iterator>
#include <ostream>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/topology_core.hpp>

#include "cpu_list.hpp"
#include "cpu_map.hpp"
#include "drift.hpp"
#include "names.hpp"
#include "topology_run.hpp"

namespace pinfold {

std::ostream& operator<<(std::ostream& out, const unfinished_work& left) {
  out << left.pool << ": " << left.running << (left.running == 1 ? " task" : " tasks") << " running, " << left.waiting
      << " waiting";
  if (!left.managed_threads.empty()) out << "; managed threads: ";
  for (std::size_t i = 0; i < left.managed_threads.size(); ++i) out << (i == 0 ? "" : ", ") << left.managed_threads[i];
  return out << "; " << left.threads << (left.threads == 1 ? " thread" : " threads");
}

namespace detail {
namespace {

std::vector<std::string> names_of(std::vector<managed_thread_facts>&& threads) {
  std::vector<std::string> names;
  names.reserve(threads.size());
  for (managed_thread_facts& each : threads) names.push_back(std::move(each.name));
  return names;
}

}  // namespace

// First those with work or managed threads; where none has any, those whose threads have not ended; then the watcher,
// which may be in the program's handler; in the last moments of somebody else's stop all.
std::vector<unfinished_work> topology_core::unfinished(std::uint64_t generation) const {
  const std::lock_guard short_lock(run_mutex_);
  if (run_ == nullptr || generation_ != generation) return {};
  std::vector<unfinished_work> all;
  for (const pool_core* pool : facts_.pools) {
    const pool_stats stats = pool->stats();
    all.push_back({.pool = pool->qualified_name(),
                   .accepted = stats.running + stats.waiting(),
                   .running = stats.running,
                   .waiting = stats.waiting(),
                   .managed_threads = names_of(pool->living_managed_threads()),
                   .threads = run_->ends.left_of(*pool, run_->threads)});
  }
  const auto those = [&](auto&& matters) {
    std::vector<unfinished_work> chosen;
    std::ranges::copy_if(all, std::back_inserter(chosen), matters);
    return chosen;
  };
  auto chosen = those([](const auto& each) { return each.accepted != 0 || !each.managed_threads.empty(); });
  if (chosen.empty()) chosen = those([](const auto& each) { return each.threads != 0; });
  if (chosen.empty() && run_->watch.is_watching()) {
    chosen.push_back({.pool = "start_options::verify_every", .managed_threads = {}, .threads = 1});
  }
  return chosen.empty() ? all : chosen;
}

// What is read of threads that end meanwhile, or whose number another thread has by then, is of no run.
std::vector<problem> topology_core::verify(std::uint64_t generation) const {
  std::vector<running_thread> threads;
  std::vector<int> process_cores;
  {
    const std::lock_guard short_lock(run_mutex_);
    if (run_ == nullptr || generation_ != generation) return {};
    for (const pool_thread& each : run_->threads) threads.push_back({.plan = each.plan, .id = each.id});
    for (pool_core* pool : facts_.pools) {
      for (const managed_thread_facts& each : pool->living_managed_threads()) {
        threads.push_back({.plan = *each.plan, .id = each.id});
      }
    }
    process_cores = run_->settings.cores();
  }
  std::vector<problem> found = drift_of(threads);
  if (!process_cores.empty()) std::ranges::move(drift_of_process(process_cores, facts_), std::back_inserter(found));
  return is_current(generation) ? found : std::vector<problem>{};
}

namespace {

using row = std::vector<std::string>;

const char* state_of(const pool_core& pool, bool runs) {
  switch (pool.gate().state()) {
    case gate_state::open:
      return "running";
    case gate_state::draining:
      return "draining";
    default:
      return runs ? "ending" : "stopped";
  }
}

// Threads of a pool without cores run where main() does; those of policy deadline wherever the process may.
std::string cores_of(const pool_spec& spec, const process_spec& process, const cpu_map* map) {
  const bool inherits = spec.cores.empty() && spec.policy != sched_policy::deadline;
  const std::span<const int> named = inherits ? process.cores : spec.cores;
  if (named.empty()) return "any";
  std::vector<int> cores(named.begin(), named.end());
  if (map != nullptr) cores = map->apply(cores);
  return format_cpus(cores) + (inherits ? " of the process" : "");
}

void write_table(std::ostream& out, const std::vector<row>& rows) {
  constexpr std::size_t first_number = 5;
  const std::size_t columns = rows.front().size();
  std::vector<std::size_t> widths(columns);
  for (const row& each : rows) {
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], each[i].size());
  }
  for (const row& each : rows) {
    std::string line;
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string padding(widths[i] - each[i].size(), ' ');
      line += i < first_number ? each[i] + padding : padding + each[i];
      if (i + 1 < columns) line += "  ";
    }
    out << line << '\n';
  }
}

// Three digits: "850ns", "12.3us", "4.05ms", "1099s".
std::string short_text(std::chrono::nanoseconds time) {
  constexpr std::array<std::string_view, 4> units{"ns", "us", "ms", "s"};
  auto value = static_cast<double>(time.count());
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  int decimals = value >= 9.995 ? 1 : 2;
  if (unit == 0 || value >= 99.95) decimals = 0;
  std::ostringstream out;
  out << std::fixed << std::setprecision(decimals) << value << units[unit];
  return out.str();
}

// What a pool counts about itself; nothing it does not. What it has run is finished, in the table already.
void add_metrics(row& cells, const pool_core& pool, const pool_stats& stats) {
  const bool counts = pool.spec().metrics != metrics_mode::off;
  for (const std::uint64_t each : {stats.queue_high_water, stats.stolen, stats.parks}) {
    cells.push_back(counts ? std::to_string(each) : "-");
  }
  const latency_histogram latency = pool.latency();
  for (const auto each : {latency.quantile(0.5), latency.quantile(0.99), latency.max()}) {
    cells.push_back(pool.measures_latency() ? short_text(each) : "-");
  }
}

}  // namespace

// Written when nothing is locked any more: the stream is the program's.
void topology_core::report(std::ostream& out) const {
  std::vector<row> rows{{"pool", "kind", "threads", "cores", "state", "accepted", "running", "waiting", "finished"}};
  const bool measured = std::ranges::any_of(
      facts_.pools, [](const pool_core* pool) { return pool->spec().metrics != metrics_mode::off; });
  if (measured) rows.front().insert(rows.front().end(), {"high water", "stolen", "parks", "p50", "p99", "max"});
  {
    const std::lock_guard short_lock(run_mutex_);
    for (const pool_core* pool : facts_.pools) {
      const pool_spec& spec = pool->spec();
      const pool_stats stats = pool->stats();
      std::string threads = std::to_string(spec.threads);
      if (spec.blocking_threads != 0) threads += "+" + std::to_string(spec.blocking_threads);
      if (spec.max_threads != 0) {
        threads += "+" + std::to_string(pool->living_managed_threads().size()) + "/" + std::to_string(spec.max_threads);
      }
      rows.push_back({std::string(spec.name), std::string(name_of(spec.kind)), threads,
                      cores_of(spec, facts_.process, run_ == nullptr ? nullptr : &run_->map),
                      state_of(*pool, run_ != nullptr), std::to_string(stats.accepted), std::to_string(stats.running),
                      std::to_string(stats.waiting()), std::to_string(stats.finished)});
      if (measured) add_metrics(rows.back(), *pool, stats);
    }
  }
  write_table(out, rows);
}

}  // namespace detail
}  // namespace pinfold
