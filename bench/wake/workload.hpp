// As cyclictest: a timer is due every millisecond, and each time its handler looks how late it is.
#pragma once

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <future>
#include <utility>
#include <vector>

namespace workload {

using clock = std::chrono::steady_clock;

inline constexpr std::chrono::milliseconds period{1};

/// One series of ticks, on the only thread of an io_context.
class ticking {
 public:
  ticking(boost::asio::io_context& context, std::size_t ticks) : timer_(context), left_(ticks) {
    late_ns_.reserve(ticks);
  }

  /// How late each was, in nanoseconds. Waits for the last.
  std::vector<double> run() {
    due_ = clock::now() + period;
    wait();
    over_.get_future().get();
    return std::move(late_ns_);
  }

 private:
  void wait() {
    timer_.expires_at(due_);
    timer_.async_wait([this](const boost::system::error_code&) { tick(); });
  }

  // Ticks that are past already are left out: one that is very late counts once.
  void tick() {
    const auto now = clock::now();
    late_ns_.push_back(std::chrono::duration<double, std::nano>(now - due_).count());
    if (--left_ == 0) {
      over_.set_value();
      return;
    }
    while (due_ <= now) due_ += period;
    wait();
  }

  boost::asio::steady_timer timer_;
  std::size_t left_;
  clock::time_point due_;
  std::vector<double> late_ns_;
  std::promise<void> over_;
};

}  // namespace workload
