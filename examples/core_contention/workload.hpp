// The servers under load beside a computation, written once for every topology with asio pools client, api and feed and
// any pool compute.
#pragma once

#include <unistd.h>
#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <thread>
#include <vector>

#include <pinfold/start_options.hpp>
#include <pinfold/topology.hpp>

#include "client.hpp"
#include "compute.hpp"
#include "load.hpp"
#include "measurement.hpp"
#include "server.hpp"
#include "thread_counters.hpp"

namespace demo {

/// From the end of a warm-up that begins now.
inline time_window window_of(std::chrono::duration<double> seconds) {
  using clock = std::chrono::steady_clock;
  const auto begin = clock::now() + warm_up;
  return {begin, begin + std::chrono::duration_cast<clock::duration>(seconds)};
}

template <class Topology>
std::vector<pid_t> threads_of(const Topology& topology) {
  std::vector<pid_t> threads;
  topology.for_each([&](auto& pool) {
    for (const pid_t thread : pool.broadcast([] { return ::gettid(); })) threads.push_back(thread);
  });
  return threads;
}

template <class Topology>
auto& compute_pool_of(const Topology& topology) {
  using namespace pinfold::literals;
  return topology["compute"_s];
}

/// Blocks until the window has passed, and tells what was computed in it and what the kernel did to the threads.
template <class Compute>
void watch(const Compute& compute, std::span<const pid_t> threads, time_window window, measurement& result) {
  struct reading {
    std::chrono::steady_clock::time_point at;
    std::uint64_t items;
    thread_counters counters;
  };
  const auto read_at = [&](auto time) {
    std::this_thread::sleep_until(time);
    return reading{std::chrono::steady_clock::now(), compute.items_done(), read_counters(threads)};
  };
  const reading before = read_at(window.begin);
  const reading after = read_at(window.end);

  const std::chrono::duration<double> between = after.at - before.at;
  const auto rate = [&](std::uint64_t from, std::uint64_t to) {
    return static_cast<double>(to - from) / between.count();
  };
  result.items_per_second = rate(before.items, after.items);
  result.involuntary_switches_per_second =
      rate(before.counters.involuntary_switches, after.counters.involuntary_switches);
  if (before.counters.migrations && after.counters.migrations) {
    result.migrations_per_second = rate(*before.counters.migrations, *after.counters.migrations);
  }
}

/// Starts the topology, lets the servers and the computation run under load, measures, and stops it.
template <class Topology>
measurement measure_requests(const Topology& topology, const pinfold::start_options& start, const request_load& load) {
  const auto running = topology.start(start);
  const std::vector<pid_t> threads = threads_of(topology);
  const std::array servers{serve_http(topology.template asio<"api">().get_executor()),
                           serve_http(topology.template asio<"feed">().get_executor())};
  const compute_load compute(compute_pool_of(topology), compute_item);
  const time_window window = window_of(load.seconds);
  load_generator clients(topology.template asio<"client">().get_executor(), servers, load.connections, window);

  measurement result;
  watch(compute, threads, window, result);
  summarise(clients.latencies(), window.end - window.begin, result);
  return result;
}

}  // namespace demo
