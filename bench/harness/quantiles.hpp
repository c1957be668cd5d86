// The quantiles of many samples.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace bench {

class quantiles {
 public:
  /// At least one.
  explicit quantiles(std::vector<double> samples) : sorted_(std::move(samples)) { std::ranges::sort(sorted_); }

  /// The sample that so many of a thousand are less than; of 2000 samples 999 gives the second greatest.
  [[nodiscard]] double per_mille(std::size_t rank) const { return sorted_[sorted_.size() * rank / 1000]; }

 private:
  std::vector<double> sorted_;
};

}  // namespace bench
