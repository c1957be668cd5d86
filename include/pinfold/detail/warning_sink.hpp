// Where the warnings of one topology go.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>

#include <pinfold/crossing_warning.hpp>

namespace pinfold::detail {

/// Closed -> open() -> close() -> ..., by the topology, once a run. Every other member may be called by any thread at
/// any time. The handler is not called under the mutex, since it may wait for threads that give warnings themselves;
/// `giving_` counts its calls, under the mutex when they begin, and close() waits until there is none: what the handler
/// refers to may end with the run. The decrement's release pairs with the acquire in close().
class warning_sink {
 public:
  using handler = std::function<void(const crossing_warning&)>;

  constexpr warning_sink() noexcept = default;
  warning_sink(const warning_sink&) = delete;
  warning_sink& operator=(const warning_sink&) = delete;

  /// `chosen` lives until close(); empty: warnings go to standard error.
  void open(const handler& chosen) noexcept;
  void close() noexcept;

  /// The number of the run that is open or was last; 0 before the first.
  [[nodiscard]] std::uint64_t run() const noexcept { return run_.load(std::memory_order_relaxed); }

  /// To the handler; on standard error where there is none, or while nothing runs.
  void give(const crossing_warning& warning) noexcept;

  /// The calling thread is in a handler: what that does is not watched.
  [[nodiscard]] static bool gives_here() noexcept;

 private:
  std::mutex mutex_;
  const handler* handler_ = nullptr;  // guarded by mutex_
  std::atomic<std::uint32_t> giving_{0};
  std::atomic<std::uint64_t> run_{0};
};

}  // namespace pinfold::detail
