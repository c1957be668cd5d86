// Whether an order may be sent.
#pragma once

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_reduce.h>
#include <array>
#include <functional>

#include "market.hpp"

class risk {
 public:
  risk() {
    for (std::size_t i = 0; i < falls_.size(); ++i) falls_[i] = static_cast<std::uint32_t>(i * 7919 % 401);
  }

  /// Its mean loss over all scenarios is within the limit. On the threads of the pool that it is called in.
  [[nodiscard]] bool accepts(const market::order& order) const {
    const std::uint64_t value = std::uint64_t{order.price} * order.quantity;
    const auto add = [&](const auto& range, std::uint64_t sum) {
      for (std::size_t i = range.begin(); i != range.end(); ++i) sum += value * falls_[i] / 10'000;
      return sum;
    };
    const tbb::blocked_range<std::size_t> scenarios(0, falls_.size());
    return tbb::parallel_reduce(scenarios, std::uint64_t{0}, add, std::plus<>()) <= mean_limit * falls_.size();
  }

 private:
  static constexpr std::uint64_t mean_limit = 16;

  std::array<std::uint32_t, 20'000> falls_{};  ///< of the price in each scenario, in basis points
};
