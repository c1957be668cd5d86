// Merge sort of integers: halves in parallel, and the merges divided in two as well (Cilk's cilksort).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "program.hpp"

namespace workload {

using key = std::int32_t;

/// Keys that one task sorts or merges without dividing them.
constexpr std::size_t leaf_keys = 4096;

inline void insertion_sort(key* data, std::size_t count) {
  for (std::size_t i = 1; i < count; ++i) {
    const key moving = data[i];
    std::size_t at = i;
    for (; at > 0 && data[at - 1] > moving; --at) data[at] = data[at - 1];
    data[at] = moving;
  }
}

/// Merges two sorted ranges into `out`. A step has no branch that depends on the keys.
struct merge {
  struct halves;

  [[nodiscard]] bool is_leaf() const { return left_count + right_count <= leaf_keys; }

  void compute() const {
    std::size_t l = 0;
    std::size_t r = 0;
    key* to = out;
    while (l < left_count && r < right_count) {
      const bool take_right = right[r] < left[l];
      *to++ = take_right ? right[r] : left[l];
      r += take_right;
      l += !take_right;
    }
    to = std::copy(left + l, left + left_count, to);
    std::copy(right + r, right + right_count, to);
  }

  /// Two merges of what is less than the middle of the longer range, and of the rest.
  [[nodiscard]] halves divide() const;

  const key* left;
  const key* right;
  key* out;
  std::uint32_t left_count;
  std::uint32_t right_count;
};

struct merge::halves {
  merge low;
  merge high;
};

inline merge::halves merge::divide() const {
  if (left_count < right_count) return merge{right, left, out, right_count, left_count}.divide();
  const std::uint32_t left_low = left_count / 2;
  const auto right_low =
      static_cast<std::uint32_t>(std::lower_bound(right, right + right_count, left[left_low]) - right);
  return {
      {left, right, out, left_low, right_low},
      {left + left_low, right + right_low, out + left_low + right_low, left_count - left_low, right_count - right_low}};
}

/// Sorts `data`, with `scratch` as large beside it. The result is in `scratch` if `to_scratch`, else in `data`.
struct sorting {
  [[nodiscard]] bool is_leaf() const { return count <= leaf_keys; }

  [[nodiscard]] sorting low() const { return {data, scratch, count / 2, !to_scratch}; }
  [[nodiscard]] sorting high() const { return {data + count / 2, scratch + count / 2, count - count / 2, !to_scratch}; }

  /// What is left to do when both halves are sorted.
  [[nodiscard]] merge rest() const {
    const key* const from = to_scratch ? data : scratch;
    return {from, from + count / 2, to_scratch ? scratch : data, count / 2, count - count / 2};
  }

  void compute() const {
    constexpr std::size_t few = 24;
    if (count > few) {
      low().compute();
      high().compute();
      rest().compute();
      return;
    }
    insertion_sort(data, count);
    if (to_scratch) std::copy(data, data + count, scratch);
  }

  key* data;
  key* scratch;
  std::uint32_t count;
  bool to_scratch;
};

class problem {
 public:
  /// --size: keys.
  explicit problem(bench::options& given) : keys_(static_cast<std::size_t>(given.required("size", 1, 1'000'000'000))) {
    scratch_.resize(keys_.size());
  }

  /// xorshift32 from the same seed: the same keys each time.
  void prepare() {
    std::uint32_t random = 2463534242;
    expected_ = 0;
    for (key& each : keys_) {
      random ^= random << 13;
      random ^= random >> 17;
      random ^= random << 5;
      each = static_cast<key>(random);
      expected_ += each;
    }
  }

  [[nodiscard]] sorting whole() {
    return {keys_.data(), scratch_.data(), static_cast<std::uint32_t>(keys_.size()), false};
  }

  /// The median; check() looks at all keys.
  [[nodiscard]] long answer() const { return keys_[keys_.size() / 2]; }

  void check(long answer) const {
    if (!std::is_sorted(keys_.begin(), keys_.end())) throw bench::wrong_answer("wrong answer: the keys are not sorted");
    long sum = 0;
    for (const key each : keys_) sum += each;
    bench::require_answer(sum, expected_);
    bench::require_answer(answer, this->answer());
  }

 private:
  std::vector<key> keys_;
  std::vector<key> scratch_;
  long expected_ = 0;
};

}  // namespace workload
