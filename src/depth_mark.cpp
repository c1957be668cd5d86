#include <pinfold/detail/depth_mark.hpp>

#include <algorithm>

namespace pinfold::detail {

void depth_mark::look(std::uint64_t accepted, const std::atomic<std::uint64_t>& finished) noexcept {
  const std::int64_t depth = distance(accepted, finished.load(std::memory_order_relaxed));
  const std::int64_t twice = 2 * back_off_.load(std::memory_order_relaxed);
  const std::int64_t back_off = raise(depth) ? 1 : std::min(twice, longest_back_off);
  const std::int64_t to_mark = most_.load(std::memory_order_relaxed) - depth + 1;
  back_off_.store(back_off, std::memory_order_relaxed);
  next_look_.store(accepted + static_cast<std::uint64_t>(std::max(back_off, to_mark)), std::memory_order_relaxed);
}

// False: it was as deep before.
bool depth_mark::raise(std::int64_t depth) noexcept {
  std::int64_t before = most_.load(std::memory_order_relaxed);
  while (depth > before) {
    if (most_.compare_exchange_weak(before, depth, std::memory_order_relaxed)) return true;
  }
  return false;
}

}  // namespace pinfold::detail
