// The computation beside the servers.
#pragma once

#include <oneapi/tbb/parallel_for.h>
#include <array>
#include <atomic>
#include <cstdint>

#include <pinfold/pool.hpp>

namespace demo {

/// A few microseconds of arithmetic that touches no memory: what is measured is the fight for cores, not for caches.
inline void compute_item() {
  for (int i = 0; i < 20'000; ++i) asm volatile("");
}

/// Keeps a tbb pool busy with parallel loops as long as it lives.
template <pinfold::pool Pool>
class compute_load {
 public:
  explicit compute_load(Pool& pool) : pool_(pool) {
    pool_.post([this] {
      while (!stop_.load(std::memory_order_relaxed)) {
        oneapi::tbb::parallel_for(0, items_in_loop, [this](int) {
          compute_item();
          done_[*pool_.this_thread_index()].items.fetch_add(1, std::memory_order_relaxed);
        });
      }
    });
  }
  compute_load(const compute_load&) = delete;
  compute_load& operator=(const compute_load&) = delete;

  ~compute_load() {
    stop_.store(true, std::memory_order_relaxed);
    pool_.wait_idle();
  }

  [[nodiscard]] std::uint64_t items_done() const noexcept {
    std::uint64_t sum = 0;
    for (const counter& each : done_) sum += each.items.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  static constexpr int items_in_loop = 4096;

  struct alignas(64) counter {
    std::atomic<std::uint64_t> items{0};
  };

  Pool& pool_;
  std::atomic<bool> stop_{false};
  std::array<counter, Pool::size()> done_;
};

}  // namespace demo
