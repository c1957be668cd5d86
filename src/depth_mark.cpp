#include <pinfold/detail/depth_mark.hpp>

#include <algorithm>

namespace pinfold::detail {

void depth_mark::look(std::uint64_t accepted, const std::atomic<std::uint64_t>& finished) noexcept {
  const std::uint64_t by_now = finished.load(std::memory_order_relaxed);
  finished_.store(by_now, std::memory_order_relaxed);
  const std::uint64_t twice = 2 * back_off_.load(std::memory_order_relaxed);
  const std::uint64_t next = raise(distance(accepted, by_now)) ? 1 : std::min(twice, longest_back_off);
  back_off_.store(next, std::memory_order_relaxed);
  next_look_.store(accepted + next, std::memory_order_relaxed);
}

// False: it was as deep before.
bool depth_mark::raise(std::int64_t depth) noexcept {
  std::int64_t before = most();
  while (depth > before) {
    if (most_.compare_exchange_weak(before, depth, std::memory_order_relaxed)) return true;
  }
  return false;
}

}  // namespace pinfold::detail
