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

/// For loops that wait for another processor.
inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace bench
