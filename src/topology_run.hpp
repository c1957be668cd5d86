// Everything of a topology that exists only while it runs.
#pragma once

#include <system_error>
#include <vector>

#include "cpu_map.hpp"
#include "preflight.hpp"
#include "process_settings.hpp"
#include "start_barrier.hpp"
#include "thread_setup.hpp"

namespace pinfold::detail {

struct pool_thread {
  thread_plan plan;
  os::thread_handle handle;
  std::vector<problem> problems;  // of its setup; written by the thread before it arrives
  start_barrier* barrier = nullptr;
  const start_options* options = nullptr;
  std::error_code refused;
  bool created = false;
};

/// The order of members is the order of construction: settings are taken back after the threads are gone.
struct topology_run {
  explicit topology_run(start_options&& chosen) : options(std::move(chosen)) {}

  start_options options;
  std::vector<problem> problems;
  cpu_map map;
  std::vector<int> unpinned;  // CPUs of threads that no pool pins
  process_settings settings;
  start_barrier barrier;
  std::vector<pool_thread> threads;  // pool by pool, in declared order
};

}  // namespace pinfold::detail
