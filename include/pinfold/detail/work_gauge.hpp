// How many tasks a thread of a pool has begun and not ended.
#pragma once

#include <atomic>
#include <cstdint>

namespace pinfold::detail {

/// One for each thread that runs tasks, on a line of its own: only that thread writes it, without read-modify-write.
/// Memory orders: begin()'s release pairs with running()'s acquire, so who sees a task begun sees it accepted. end()
/// comes before the task counts as finished in the pool's gate: who sees it finished there does not see it running.
class work_gauge {
 public:
  void begin() noexcept { running_.store(own() + 1, std::memory_order_release); }
  void end() noexcept { running_.store(own() - 1, std::memory_order_release); }

  /// In a forked child, which does not have the thread.
  void abandon_in_child() noexcept { running_.store(0, std::memory_order_relaxed); }

  /// By the thread itself.
  [[nodiscard]] std::uint64_t own() const noexcept { return running_.load(std::memory_order_relaxed); }
  /// By any.
  [[nodiscard]] std::uint64_t running() const noexcept { return running_.load(std::memory_order_acquire); }

 private:
  alignas(64) std::atomic<std::uint64_t> running_{0};
};

}  // namespace pinfold::detail
