// What a thread of a pool counts about itself, where the pool's `metrics` say so.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <pinfold/detail/task.hpp>
#include <pinfold/latency_histogram.hpp>

namespace pinfold::detail {

/// Written by one thread only, without read-modify-write; read by any. Relaxed: who reads it learns nothing else by it.
class own_count {
 public:
  void add(std::uint64_t more) noexcept { set(get() + more); }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Modes "counters" and "latency". A line of its own for each thread; touched where it steals, sleeps or finds nothing,
/// never for a task.
struct alignas(64) worker_counters {
  own_count stolen;
  own_count parks;
  own_count wakes;
  own_count spins;
};

/// Mode "latency". The time is the steady clock's.
struct alignas(64) latency_counts {
  /// By who hands the task over, before it does.
  static void stamp(task& item) noexcept { item.posted_ns = now() & stamp_mask; }

  /// By the thread itself, around a task or a part of one; others may run inside of it. A task without a stamp is of
  /// a pool that measures nothing, whose context this thread serves for a while.
  void starts(const task& item) noexcept {
    if (!item.counts()) {
      begins();
      return;
    }
    const std::uint64_t at = now();
    if (item.posted_ns != 0) record((at - item.posted_ns) & stamp_mask);
    if (depth_++ == 0) since_ = at;
  }
  void begins() noexcept {
    if (depth_++ == 0) since_ = now();
  }
  void ends() noexcept {
    if (--depth_ == 0) stop_clock();
  }
  /// The task that runs is about to count as finished: who sees that sees it here.
  void is_finishing() noexcept {
    if (depth_ == 1) stop_clock();
  }

  [[nodiscard]] std::chrono::nanoseconds busy() const noexcept {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(busy_.get()));
  }
  /// By any thread.
  void add_to(latency_histogram& all) const noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) all.counts_[i] += counts_[i].get();
    all.sum_ += std::chrono::nanoseconds(static_cast<std::int64_t>(sum_.get()));
    all.max_ = std::max(all.max_, std::chrono::nanoseconds(static_cast<std::int64_t>(max_.get())));
  }

 private:
  static constexpr std::uint64_t stamp_mask = (std::uint64_t{1} << task::stamp_bits) - 1;

  static std::uint64_t now() noexcept {
    using std::chrono::nanoseconds;
    const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<nanoseconds>(since_boot).count());
  }

  void record(std::uint64_t ns) noexcept {
    counts_[latency_histogram::bucket_of(std::chrono::nanoseconds(static_cast<std::int64_t>(ns)))].add(1);
    sum_.add(ns);
    if (ns > max_.get()) max_.set(ns);
  }

  void stop_clock() noexcept {
    if (since_ == 0) return;
    busy_.add(now() - since_);
    since_ = 0;
  }

  std::uint64_t since_ = 0;  // 0: the clock is stopped
  std::uint32_t depth_ = 0;  // tasks on the thread's stack
  own_count busy_;
  own_count sum_;
  own_count max_;
  std::array<own_count, latency_histogram::buckets> counts_;
};

}  // namespace pinfold::detail
