// Waiting for what another thread is about to publish.
#pragma once

#include <chrono>
#include <thread>

#include <pinfold/detail/spin_pause.hpp>

namespace pinfold::detail {

/// pause() after each look. Nearly always the next one finds it; but the publisher may have lost its CPU, and to a
/// thread of realtime priority for ever, so now and then this one sleeps for a moment.
class vain_looks {
 public:
  void pause() noexcept {
    if (++looks_ % looks_before_sleep != 0) {
      spin_pause();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }

 private:
  static constexpr unsigned looks_before_sleep = 64;

  unsigned looks_ = 0;
};

}  // namespace pinfold::detail
