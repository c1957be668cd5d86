// What goes over the wire between two programs on one machine.
#pragma once

#include <chrono>
#include <cstdint>

namespace market {

enum class side : std::uint8_t { bid, ask, end_of_session };

/// From now on so much is offered at this price.
struct tick {
  std::uint64_t number;
  std::int64_t sent_ns;
  std::uint16_t price, quantity;
  market::side side;
};

inline constexpr std::uint16_t prices = 256;  ///< they are below this
inline constexpr std::uint64_t logout = ~std::uint64_t{0};

/// Buys, because of a tick; `logout` instead of a tick is the last one of a session.
struct order {
  std::uint64_t tick = logout;
  std::int64_t tick_sent_ns = 0;
  std::uint16_t price = 0, quantity = 0;
};

inline std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

}  // namespace market
