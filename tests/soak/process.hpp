// What this process holds of the machine.
#pragma once

#include <malloc.h>
#include <unistd.h>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace soak {

struct process {
  std::size_t resident_kib = 0;
  std::size_t heap_kib = 0;  // of the C library's heap in use
  std::size_t threads = 0;
  std::size_t files = 0;
};

inline std::size_t entries(const char* folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

inline process process_now() {
  std::ifstream memory("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  memory >> size >> resident;
  return {.resident_kib = resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 1024,
          .heap_kib = mallinfo2().uordblks / 1024,
          .threads = entries("/proc/self/task"),
          .files = entries("/proc/self/fd")};
}

/// The same, without what the allocator only keeps.
inline process trimmed_process_now() {
  malloc_trim(0);
  return process_now();
}

}  // namespace soak
