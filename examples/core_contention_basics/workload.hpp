// The workload, written once for every topology with asio pools client, api and feed and a tbb pool compute.
#pragma once

#include <unistd.h>
#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include <pinfold/start_options.hpp>

#include "client.hpp"
#include "compute.hpp"
#include "measurement.hpp"
#include "options.hpp"
#include "server.hpp"
#include "thread_counters.hpp"

namespace demo {

template <class Topology>
std::vector<pid_t> threads_of(const Topology& topology) {
  std::vector<pid_t> threads;
  topology.for_each([&](auto& pool) {
    for (const pid_t thread : pool.broadcast([] { return ::gettid(); })) threads.push_back(thread);
  });
  return threads;
}

/// Starts the topology, lets the servers and the computation run under load, measures, and stops it.
template <class Topology>
measurement measure(const Topology& topology, const pinfold::start_options& start, const options& options) {
  using clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds warm_up{300};

  const auto running = topology.start(start);
  const std::vector<pid_t> threads = threads_of(topology);
  const std::array servers{serve_http(topology.template asio<"api">().get_executor()),
                           serve_http(topology.template asio<"feed">().get_executor())};
  const compute_load compute(topology.template tbb<"compute">());

  const auto begin = clock::now() + warm_up;
  const time_window window{begin, begin + std::chrono::duration_cast<clock::duration>(options.seconds)};
  load_generator clients(topology.template asio<"client">().get_executor(), servers, options.connections, window);

  struct reading {
    clock::time_point at;
    std::uint64_t items;
    thread_counters counters;
  };
  const auto read_at = [&](clock::time_point time) {
    std::this_thread::sleep_until(time);
    return reading{clock::now(), compute.items_done(), read_counters(threads)};
  };
  const reading before = read_at(window.begin);
  const reading after = read_at(window.end);

  measurement result;
  summarise(clients.latencies(), window.end - window.begin, result);
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
  return result;
}

}  // namespace demo
