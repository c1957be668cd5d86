// What the process holds of memory that is no file's: stacks, heap, and the pages of static storage that were written.
#pragma once

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace workload {

/// Exact: the kernel counts the pages, where /proc/self/status has the sum of counters that are some pages behind.
inline long anonymous_kib() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> maps(std::fopen("/proc/self/smaps_rollup", "r"), &std::fclose);
  char line[256];
  long kib = 0;
  while (maps && std::fgets(line, sizeof line, maps.get()) != nullptr) {
    if (std::sscanf(line, "Anonymous: %ld kB", &kib) == 1) return kib;
  }
  throw std::runtime_error("/proc/self/smaps_rollup has no Anonymous");
}

}  // namespace workload
