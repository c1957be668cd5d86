// Where the threads of the workloads run that post from outside to one worker.
#pragma once

#include <algorithm>
#include <thread>

namespace bench {

inline constexpr int worker_cpu = 0;

/// Producers share what the worker leaves: on two processors, one.
inline int producer_cpu(int producer) {
  const int others = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
  return worker_cpu + 1 + (producer % others);
}

}  // namespace bench
