#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <pinfold/prometheus.hpp>
#include <string>
#include <string_view>
#include <utility>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/topology_core.hpp>
#include <pinfold/latency_histogram.hpp>

#include "names.hpp"

namespace pinfold {
namespace {

using detail::pool_core;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

ClientMetric::Label label(const char* name, std::string_view value) {
  return {.name = name, .value = std::string(value)};
}

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

// The bounds of the histogram are octaves' ends, where a bucket of pinfold's ends, too.
constexpr unsigned first_octave = 7;
constexpr unsigned last_octave = 34;

ClientMetric::Histogram cumulative(const latency_histogram& latency) {
  ClientMetric::Histogram histogram;
  std::uint64_t below = 0;
  std::size_t bucket = 0;
  for (unsigned octave = first_octave; octave <= last_octave; ++octave) {
    const std::chrono::nanoseconds bound(std::int64_t{1} << octave);
    for (; bucket <= latency_histogram::bucket_of(bound); ++bucket) below += latency.count_in(bucket);
    histogram.bucket.push_back({.cumulative_count = below, .upper_bound = seconds(bound)});
  }
  histogram.sample_count = latency.count();
  histogram.sample_sum = seconds(latency.sum());
  return histogram;
}

// The families in the order in which they are first added to.
class families {
 public:
  void count(const char* name, const char* help, labels of, double value) {
    sample(name, help, MetricType::Counter, std::move(of)).counter.value = value;
  }
  void count(const char* name, const char* help, labels of, std::uint64_t value) {
    count(name, help, std::move(of), static_cast<double>(value));
  }
  void gauge(const char* name, const char* help, labels of, std::uint64_t value) {
    sample(name, help, MetricType::Gauge, std::move(of)).gauge.value = static_cast<double>(value);
  }
  void histogram(const char* name, const char* help, labels of, const latency_histogram& latency) {
    sample(name, help, MetricType::Histogram, std::move(of)).histogram = cumulative(latency);
  }

  [[nodiscard]] std::vector<MetricFamily> take() { return std::move(all_); }

 private:
  ClientMetric& sample(const char* name, const char* help, MetricType type, labels of) {
    MetricFamily* family = nullptr;
    for (MetricFamily& each : all_) {
      if (each.name == name) family = &each;
    }
    if (family == nullptr)
      family = &all_.emplace_back(MetricFamily{.name = name, .help = help, .type = type, .metric = {}});
    ClientMetric& added = family->metric.emplace_back();
    added.label = std::move(of);
    return added;
  }

  std::vector<MetricFamily> all_;
};

void add_thread(families& to, const pool_core& pool, const labels& of_pool, std::size_t thread) {
  const pool_spec& spec = pool.spec();
  const worker_stats stats = pool.worker_stats(thread);
  labels of = of_pool;
  of.push_back(label("thread", detail::name_of_thread(spec, thread)));
  to.count("pinfold_tasks_run_total", "Tasks that the thread has ended.", of, stats.run);
  if (spec.metrics == metrics_mode::off) return;
  if (spec.kind == pool_kind::native) {
    to.count("pinfold_tasks_stolen_total", "Forks and spawned tasks taken from another worker.", of, stats.stolen);
    to.count("pinfold_forks_inline_total", "Forks run at once because all task slots were taken.", of,
             stats.forked_inline);
  }
  to.count("pinfold_thread_parks_total", "Times that pinfold put the thread to sleep.", of, stats.parks);
  to.count("pinfold_thread_wakes_total", "Times that the thread came back from sleep.", of, stats.wakes);
  to.count("pinfold_thread_spins_total", "Looks for work that found none.", of, stats.spins);
  if (pool.measures_latency()) {
    to.count("pinfold_busy_seconds_total", "Time in tasks, from their begin to their end.", of, seconds(stats.busy));
  }
}

void add_pool(families& to, const pool_core& pool, std::string_view topology) {
  const pool_spec& spec = pool.spec();
  const labels of{label("topology", topology), label("pool", spec.name), label("kind", detail::name_of(spec.kind))};
  const pool_stats stats = pool.stats();
  to.count("pinfold_tasks_accepted_total", "Tasks that the pool has taken.", of, stats.accepted);
  to.count("pinfold_tasks_finished_total", "Tasks that have ended.", of, stats.finished);
  to.count("pinfold_tasks_refused_total", "Tasks that the pool did not take.", of, stats.refused);
  to.gauge("pinfold_tasks_running", "Tasks begun and not ended.", of, stats.running);
  to.gauge("pinfold_tasks_waiting", "Tasks taken and not begun.", of, stats.waiting());
  for (std::size_t thread = 0; thread < spec.threads + spec.blocking_threads; ++thread) {
    add_thread(to, pool, of, thread);
  }
  if (spec.metrics == metrics_mode::off) return;
  to.gauge("pinfold_queue_high_water_tasks", "The most tasks that were taken and not ended at once.", of,
           stats.queue_high_water);
  if (pool.measures_latency()) {
    to.histogram("pinfold_post_to_start_seconds", "From the call that hands a task over to its begin.", of,
                 pool.latency());
  }
}

}  // namespace

std::vector<MetricFamily> prometheus_metrics::Collect() const {
  families all;
  all.gauge("pinfold_topology_running", "1 from the success of start() to the end of the stop.",
            {label("topology", core_->facts().name)}, core_->current_run() != 0 ? 1 : 0);
  for (const pool_core* pool : core_->facts().pools) add_pool(all, *pool, core_->facts().name);
  return all.take();
}

}  // namespace pinfold
