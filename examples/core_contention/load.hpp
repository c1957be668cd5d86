// How much is asked, and for how long.
#pragma once

#include <chrono>
#include <cstddef>

namespace demo {

/// Before anything is measured.
inline constexpr std::chrono::milliseconds warm_up{300};

struct request_load {
  std::size_t connections = 64;              ///< keep-alive, over both servers
  std::chrono::duration<double> seconds{2};  ///< measured, after the warm-up
};

struct time_window {
  std::chrono::steady_clock::time_point begin, end;
};

}  // namespace demo
