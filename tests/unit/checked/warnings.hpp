// The warnings that reach start_options::on_warning, and a clock for them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <pinfold/crossing_warning.hpp>
#include <pinfold/detail/crossing_site.hpp>
#include <pinfold/start_options.hpp>

namespace pinfold_test {

struct warning {
  pinfold::crossing_habit habit;
  std::string place;
  std::string pool;
  std::string lock;
  std::string text;
};

class warnings {
 public:
  pinfold::start_options options() {
    pinfold::start_options options;
    options.on_warning = [this](const pinfold::crossing_warning& seen) {
      const std::lock_guard lock(mutex_);
      all_.push_back({seen.habit, std::string(seen.place), std::string(seen.pool), std::string(seen.lock),
                      std::string(seen.text)});
    };
    return options;
  }
  /// Since the last call.
  std::vector<warning> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(all_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<warning> all_;
};

/// While it lives, time passes for the crossings only as the test says.
class hand_clock {
 public:
  hand_clock() : before_(pinfold::detail::crossing_clock.exchange(+[]() noexcept { return now_.load(); })) {}
  hand_clock(const hand_clock&) = delete;
  hand_clock& operator=(const hand_clock&) = delete;
  ~hand_clock() { pinfold::detail::crossing_clock = before_; }

  static void advance(std::chrono::nanoseconds by) { now_ += static_cast<std::uint64_t>(by.count()); }

 private:
  static inline std::atomic<std::uint64_t> now_{1'000'000'000};
  pinfold::detail::nanosecond_clock before_;
};

inline std::string place_in(const char* file, int line) { return std::string(file) + ':' + std::to_string(line); }

}  // namespace pinfold_test
