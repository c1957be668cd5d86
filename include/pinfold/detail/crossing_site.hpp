// The calls that send tasks from pool to pool, counted and timed by checked builds.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace pinfold::detail {

class pool_core;
class warning_sink;

/// "main.cpp:41".
[[nodiscard]] std::string place_of(const char* file, std::uint32_t line);

/// Nanoseconds that never go back: the steady clock's. Tests put a clock of their own here.
using nanosecond_clock = std::uint64_t (*)() noexcept;
extern constinit std::atomic<nanosecond_clock> crossing_clock;

/// A place in the user's code, for one topology, that sends tasks to its pools from outside of them. Entries of a
/// static table: an entry is taken by compare-exchange of `state_`, its key is written before `state_` becomes `ready`
/// (release, pairs with the acquire in find()), and it is never given back. Memory and search are bounded: a place that
/// finds no entry is not watched.
///
/// Every task is counted in `sent_`; for one in 16, chosen by a sequence without a period, the clock is read when it is
/// sent and around its run. Those samples keep the window, which is guarded by `busy_`: who finds it taken drops his
/// sample and goes on. A window lasts a second of the times of sending. What it says was sent is never more than was:
/// `before` is read after the clock at its opening, and a task is counted before the clock is read for it.
class crossing_site {
 public:
  static constexpr std::uint64_t tasks_a_second = 10'000;
  static constexpr std::uint64_t tiny_ns = 1'000;

  constexpr crossing_site() noexcept = default;

  [[nodiscard]] static std::uint64_t now() noexcept { return crossing_clock.load(std::memory_order_relaxed)(); }

  /// nullptr: not watched; neither is what a handler of warnings does.
  [[nodiscard]] static crossing_site* find(warning_sink& sink, const char* file, std::uint32_t line) noexcept;

  /// The next task is one whose run is to be timed.
  [[nodiscard]] bool wants_sample() const noexcept;
  void sent(const pool_core& to, std::uint64_t tasks, bool sampled) noexcept;
  /// By the thread that has run a sampled task. Warns once a run where the window is beyond both limits.
  void ran(std::uint64_t nanoseconds) noexcept;

  /// The first call of a run that has a lock to tell of.
  [[nodiscard]] bool tells_of_lock() noexcept;

 private:
  enum class state : std::uint8_t { free, taken, ready };

  struct window {
    std::uint64_t run = 0;
    std::uint64_t opened = 0;  // times of the clock
    std::uint64_t last = 0;    // when `sent` was written
    std::uint64_t before = 0;  // sent when it was opened
    std::uint64_t sent = 0;    // since then
    std::uint64_t samples = 0;
    std::uint64_t ran_ns = 0;  // of the samples
    const pool_core* to = nullptr;
    bool to_others = false;
  };

  [[nodiscard]] bool is(const warning_sink& sink, const char* file, std::uint32_t line) const noexcept;
  [[nodiscard]] bool is_beyond_limits() const noexcept;
  void warn(const window& seen) noexcept;

  std::atomic<state> state_{state::free};
  std::uint32_t line_ = 0;
  const char* file_ = nullptr;
  warning_sink* sink_ = nullptr;
  std::atomic<std::uint64_t> lock_told_in_{0};  // the run
  std::uint64_t tasks_told_in_ = 0;             // the run; guarded by busy_
  std::atomic_flag busy_;
  window window_;  // guarded by busy_
  alignas(64) std::atomic<std::uint64_t> sent_{0};
};

}  // namespace pinfold::detail
