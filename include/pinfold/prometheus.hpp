// A topology's pools for Prometheus, by way of prometheus-cpp. Link pinfold::prometheus.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <vector>

namespace pinfold {

namespace detail {
class topology_core;
}
template <class Tables>
class topology;

/// What the pools of a topology count, as families of samples: register it with an exposer of prometheus-cpp, or write
/// Collect() with its TextSerializer wherever the program answers a scrape (examples/metrics). The counts go on over
/// the runs of the topology. Labels: `topology`, `pool`, `kind`, and of what a thread counts `thread`, its name.
///
/// Of every pool:
///   pinfold_tasks_accepted_total, pinfold_tasks_finished_total, pinfold_tasks_refused_total    see pool_stats
///   pinfold_tasks_running, pinfold_tasks_waiting                                               now
///   pinfold_tasks_run_total{thread}                                                            see worker_stats
/// With `metrics = "counters"` or "latency" also:
///   pinfold_queue_high_water_tasks
///   pinfold_tasks_stolen_total{thread}, pinfold_forks_inline_total{thread}                     native pools
///   pinfold_thread_parks_total{thread}, pinfold_thread_wakes_total{thread}, pinfold_thread_spins_total{thread}
/// With "latency" also:
///   pinfold_busy_seconds_total{thread}
///   pinfold_post_to_start_seconds, a histogram whose bounds are powers of two from 128 ns to 17 s
/// And pinfold_topology_running, 1 or 0.
class prometheus_metrics final : public prometheus::Collectable {
 public:
  /// Of a topology, running or not: `pinfold::prometheus_metrics metrics(md::topology)`. Does not block.
  template <class Tables>
  explicit prometheus_metrics(const topology<Tables>&) noexcept : core_(&Tables::core) {}

  /// Any thread, at any time; does not block; allocates. Families that no pool has are left out.
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const detail::topology_core* core_;
};

}  // namespace pinfold
