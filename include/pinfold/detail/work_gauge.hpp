// How many tasks a thread of a pool has begun and not ended, and how many it has ended.
#pragma once

#include <atomic>
#include <cstdint>

namespace pinfold::detail {

/// One for each thread that runs tasks, on a line of its own: only that thread writes it, without read-modify-write.
/// The second number costs nothing that could be measured: it is on the line that end() has just written.
/// Memory orders: begin()'s release pairs with running()'s acquire, so who sees a task begun sees it accepted. end()
/// comes before the task counts as finished in the pool's gate: who sees it finished there does not see it running.
class work_gauge {
 public:
  void begin() noexcept { running_.store(own() + 1, std::memory_order_release); }
  void end() noexcept {
    ended_.store(ended() + 1, std::memory_order_relaxed);
    running_.store(own() - 1, std::memory_order_release);
  }

  /// In a forked child, which does not have the thread.
  void abandon_in_child() noexcept { running_.store(0, std::memory_order_relaxed); }

  /// By the thread itself.
  [[nodiscard]] std::uint64_t own() const noexcept { return running_.load(std::memory_order_relaxed); }
  /// By any.
  [[nodiscard]] std::uint64_t running() const noexcept { return running_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t ended() const noexcept { return ended_.load(std::memory_order_relaxed); }

 private:
  alignas(64) std::atomic<std::uint64_t> running_{0};
  std::atomic<std::uint64_t> ended_{0};
};

}  // namespace pinfold::detail
