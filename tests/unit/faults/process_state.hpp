// What a start may leave behind, read without pinfold.
#pragma once

#include <sys/prctl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/eventually.hpp"
#include "support/threads.hpp"

namespace pinfold_test {

struct process_state {
  std::vector<thread_facts> threads;
  std::size_t files = 0;
  std::vector<int> affinity;
  int timer_slack_ns = 0;
  long locked_kib = 0;
};

inline process_state state_of_this_process() {
  process_state now;
  now.threads = threads_of_this_process();
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) ++now.files;
  now.affinity = affinity_of_this_thread();
  now.timer_slack_ns = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word == "VmLck:") status >> now.locked_kib;
  }
  return now;
}

/// Empty: nothing is left of what was started after `before`. Threads may take a moment to go.
inline std::string left_since(const process_state& before) {
  std::vector<thread_facts> threads;
  eventually([&] {
    threads = threads_since(before.threads);
    return threads.empty();
  });
  const process_state now = state_of_this_process();
  std::string left;
  if (!threads.empty()) left += " threads: " + std::to_string(threads.size());
  if (now.files != before.files)
    left += " files: " + std::to_string(now.files) + " after " + std::to_string(before.files);
  if (now.affinity != before.affinity) left += " affinity";
  if (now.timer_slack_ns != before.timer_slack_ns) left += " timer slack";
  if (now.locked_kib != before.locked_kib) left += " locked KiB: " + std::to_string(now.locked_kib);
  return left;
}

}  // namespace pinfold_test
