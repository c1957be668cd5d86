// Time, and work that is measured in it.
#pragma once

#include <chrono>

namespace bench {

using clock = std::chrono::steady_clock;

inline double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

/// A task that takes this long whatever the processor's speed: it reads the clock until then.
inline void spin_for(std::chrono::nanoseconds duration) {
  const auto end = clock::now() + duration;
  while (clock::now() < end) {
  }
}

}  // namespace bench
