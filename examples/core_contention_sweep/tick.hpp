// A tick that is due each millisecond, beside a computation that does vector arithmetic.
#pragma once

#include <chrono>
#include <core_contention/workload.hpp>
#include <vector>

#include "lateness.hpp"
#include "vector_item.hpp"

namespace demo {

/// Starts the topology, ticks on its pool feed while compute computes, measures, and stops it.
template <class Topology>
measurement measure_ticks(const Topology& topology, const pinfold::start_options& start,
                          std::chrono::duration<double> seconds) {
  const auto running = topology.start(start);
  const std::vector<pid_t> threads = threads_of(topology);
  const compute_load compute(compute_pool_of(topology), vector_item());
  const time_window window = window_of(seconds);
  auto lateness = lateness_of_ticks(topology.template asio<"feed">().get_executor(), window);

  measurement result;
  watch(compute, threads, window, result);
  summarise(lateness.get(), window.end - window.begin, result);
  return result;
}

}  // namespace demo
