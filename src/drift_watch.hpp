// Looks again and again whether a running topology is still as its start made it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <pinfold/detail/deadline.hpp>
#include <pinfold/detail/os.hpp>
#include <pinfold/detail/topology_core.hpp>

namespace pinfold::detail {

/// One thread of low priority that is no pool's. States: idle -> begin() -> watching -> ending (`is_ending_`; it looks
/// at that before each wait, after each look and while it waits, so an end takes as long as a look or the handler) ->
/// not `is_watching_` -> joined by end(). Both flags change under `mutex_` (begin() comes before other threads know of
/// it), which is not held while the thread looks or calls the handler. All but is_watching() is called by who has the
/// topology's turn; end() may give up at its deadline and be called again. The options live until it has ended. A look
/// for which there is no memory is left out.
class drift_watch {
 public:
  static constexpr std::size_t stack_bytes = std::size_t{1} << 20U;  // for the handler, too

  drift_watch() = default;
  drift_watch(const drift_watch&) = delete;
  drift_watch& operator=(const drift_watch&) = delete;
  ~drift_watch() { (void)end(no_deadline); }

  /// `cpus`: where it runs. It watches the run of that number, which begins later.
  std::error_code begin(const topology_core& topology, std::uint64_t generation, const start_options& options,
                        std::vector<int> cpus);
  /// It calls the handler no more, but for a call that has begun.
  void request_end() noexcept;
  /// False: the deadline has passed.
  [[nodiscard]] bool end(deadline limit) noexcept;

  /// Any thread.
  [[nodiscard]] bool is_watching() const noexcept;

  /// The calling thread is one that watches this topology, and so is in its handler.
  [[nodiscard]] static bool runs_here(const topology_core& topology) noexcept;

 private:
  static void* thread_main(void* self) noexcept;
  void set_up_this_thread() const;
  void watch() noexcept;
  [[nodiscard]] std::vector<problem> drift_that_stays();
  void report(std::span<const problem> found) const noexcept;
  // False: it is to end.
  [[nodiscard]] bool wait_for(std::chrono::nanoseconds period);

  const topology_core* topology_ = nullptr;
  std::uint64_t generation_ = 0;
  const start_options* options_ = nullptr;
  std::vector<int> cpus_;
  os::thread_handle thread_;
  bool is_created_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool is_ending_ = false;
  bool is_watching_ = false;  // the thread may be at work
};

}  // namespace pinfold::detail
