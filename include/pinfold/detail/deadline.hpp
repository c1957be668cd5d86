// Waiting until a point in time, or for as long as it takes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace pinfold::detail {

using deadline = std::chrono::steady_clock::time_point;
inline constexpr deadline no_deadline = deadline::max();

[[nodiscard]] inline bool has_passed(deadline limit) noexcept {
  return limit != no_deadline && std::chrono::steady_clock::now() >= limit;
}

/// False: the deadline has passed, and the condition, which the lock guards, is not met.
template <class Condition>
[[nodiscard]] bool wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, deadline limit,
                              Condition met) {
  if (limit != no_deadline) return changed.wait_until(lock, limit, met);
  changed.wait(lock, met);
  return true;
}

}  // namespace pinfold::detail
