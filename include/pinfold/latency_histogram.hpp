// How long tasks waited, in buckets whose width is a sixteenth of their value.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace pinfold {

namespace detail {
struct latency_counts;
}

/// A value of 4.6 KiB; nothing here allocates. Log-linear as HdrHistogram: each octave has 16 buckets of equal width.
/// Bucket i holds the durations above bound(i - 1) up to bound(i): to the nanosecond up to 32 ns, then within a
/// sixteenth of the duration (3 % on average). The last one ends at 2^40 ns, 18 minutes, and holds what is beyond, too.
class latency_histogram {
 public:
  /// Of what was measured, and of bounds.
  using duration = std::chrono::nanoseconds;
  /// How many there are.
  static constexpr std::size_t buckets = 592;

  /// Where a bucket ends, which is in it.
  [[nodiscard]] static constexpr duration bound(std::size_t bucket) noexcept {
    return duration(static_cast<std::int64_t>(begin_of(bucket + 1)));
  }
  /// The one that holds a duration; the first also what is not above 0.
  [[nodiscard]] static constexpr std::size_t bucket_of(duration value) noexcept {
    if (value <= duration(1)) return 0;
    const auto before = static_cast<std::uint64_t>(std::min(value, bound(buckets - 1)).count()) - 1;
    if (before < an_octave) return before;
    const auto octave = static_cast<unsigned>(std::bit_width(before)) - 1 - octave_bits;
    return ((octave + 1) * an_octave) + ((before >> octave) % an_octave);
  }

  /// How many durations there are.
  [[nodiscard]] constexpr std::uint64_t count() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t each : counts_) sum += each;
    return sum;
  }
  /// How many of them a bucket, below `buckets`, holds.
  [[nodiscard]] constexpr std::uint64_t count_in(std::size_t bucket) const noexcept { return counts_[bucket]; }

  /// The duration that a share `q` (0 to 1) of all did not exceed: at most a sixteenth above the exact one, and never
  /// above max(). Zero where there is none.
  [[nodiscard]] duration quantile(double q) const noexcept {
    const std::uint64_t all = count();
    if (all == 0) return {};
    const double share = q > 0 ? std::ceil(std::min(q, 1.0) * static_cast<double>(all)) : 1;
    const std::uint64_t rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(share), 1, all);
    std::size_t bucket = 0;
    for (std::uint64_t before = counts_[0]; before < rank; before += counts_[bucket]) ++bucket;
    return bucket == buckets - 1 ? max_ : std::min(bound(bucket), max_);
  }
  /// The longest; exact. Zero where there is none.
  [[nodiscard]] constexpr duration max() const noexcept { return max_; }
  /// Of all; exact.
  [[nodiscard]] constexpr duration sum() const noexcept { return sum_; }
  /// Zero where there is none.
  [[nodiscard]] constexpr duration mean() const noexcept {
    const std::uint64_t all = count();
    return all == 0 ? duration() : duration(sum_.count() / static_cast<std::int64_t>(all));
  }

  /// Adds one. One thread at a time: pools hand out copies.
  constexpr void record(duration value) noexcept {
    ++counts_[bucket_of(value)];
    sum_ += value;
    max_ = std::max(max_, value);
  }
  /// Adds those of another one.
  constexpr latency_histogram& operator+=(const latency_histogram& other) noexcept {
    for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
    return *this;
  }
  /// Equal in all buckets, sum and maximum.
  friend constexpr bool operator==(const latency_histogram&, const latency_histogram&) noexcept = default;

 private:
  friend detail::latency_counts;

  static constexpr unsigned octave_bits = 4;
  static constexpr std::uint64_t an_octave = 1U << octave_bits;

  [[nodiscard]] static constexpr std::uint64_t begin_of(std::size_t bucket) noexcept {
    if (bucket < an_octave) return bucket;
    return (an_octave + (bucket % an_octave)) << ((bucket / an_octave) - 1);
  }

  std::array<std::uint64_t, buckets> counts_{};
  duration sum_{};
  duration max_{};
};

}  // namespace pinfold
