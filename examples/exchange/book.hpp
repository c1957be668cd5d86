// The order book, and when it says buy.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "market.hpp"

class book {
 public:
  /// An order for all of the best ask, where the tick set one of the best prices and the best bid wants twice as
  /// many.
  std::optional<market::order> apply(const market::tick& tick) {
    const bool is_bid = tick.side == market::side::bid;
    (is_bid ? bids_ : asks_)[tick.price] = tick.quantity;
    const auto offered = [](std::uint16_t quantity) { return quantity > 0; };
    const auto bid = std::find_if(bids_.rbegin(), bids_.rend(), offered);
    const auto ask = std::find_if(asks_.begin(), asks_.end(), offered);
    if (bid == bids_.rend() || ask == asks_.end() || *bid < 2 * *ask) return std::nullopt;
    const auto price = static_cast<std::uint16_t>(ask - asks_.begin());
    if (tick.price != (is_bid ? bids_.rend() - bid - 1 : price)) return std::nullopt;
    return market::order{tick.number, tick.sent_ns, price, *ask};
  }

 private:
  std::array<std::uint16_t, market::prices> bids_{}, asks_{};  ///< quantities by price
};
