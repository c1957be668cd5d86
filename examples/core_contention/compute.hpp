// The computation beside what is measured.
#pragma once

#include <oneapi/tbb/parallel_for.h>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <pinfold/pool.hpp>
#include <pinfold/pool_spec.hpp>

namespace demo {

/// A few microseconds of arithmetic that touches no memory: what is measured is the fight for cores, not for caches.
inline void compute_item() {
  for (int i = 0; i < 20'000; ++i) asm volatile("");
}

/// Keeps a pool busy with items as long as it lives: a tbb pool with parallel loops; another with slices that go back
/// to the end of its queue, one for each thread.
template <pinfold::pool Pool>
class compute_load {
 public:
  compute_load(Pool& pool, void (*item)()) : pool_(pool), item_(item) {
    if constexpr (Pool::spec.kind == pinfold::pool_kind::tbb) {
      pool_.post([this] {
        while (!stop_.load(std::memory_order_relaxed)) {
          oneapi::tbb::parallel_for(0, items_in_loop, [this](int) { compute(1); });
        }
      });
    } else {
      for (std::size_t i = 0; i < Pool::size(); ++i) pool_.post([this] { compute_slice(); });
    }
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
  static constexpr int items_in_slice = 16;

  struct alignas(64) counter {
    std::atomic<std::uint64_t> items{0};
  };

  void compute(int items) {
    for (int i = 0; i < items; ++i) item_();
    done_[*pool_.this_thread_index()].items.fetch_add(static_cast<std::uint64_t>(items), std::memory_order_relaxed);
  }

  void compute_slice() {
    compute(items_in_slice);
    if (!stop_.load(std::memory_order_relaxed)) pool_.post([this] { compute_slice(); });
  }

  Pool& pool_;
  void (*item_)();
  std::atomic<bool> stop_{false};
  std::array<counter, Pool::size()> done_;
};

}  // namespace demo
