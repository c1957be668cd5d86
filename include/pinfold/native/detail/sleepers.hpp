// The event count of a native pool: who sleeps, for what, and how not to miss a wake-up.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace pinfold::detail {

class native_worker;

/// What a worker may run where it is; each includes those before it.
enum class appetite : std::uint8_t {
  stolen,    ///< inside a join: parts of its own work, taken from others
  awaited,   ///< deep in waits: tasks that somebody waits for, and nothing stolen
  everything
};

/// Kinds of work that a sleeper is woken for.
enum class work_kind : std::uint8_t { stealable, awaited, injected };

constexpr bool takes(appetite who, work_kind what) noexcept {
  switch (what) {
    case work_kind::stealable:
      return who != appetite::awaited;
    case work_kind::awaited:
      return who != appetite::stolen;
    case work_kind::injected:
      return who == appetite::everything;
  }
  return false;
}

/// Protocol. A worker that finds nothing: add() itself; ask every deque; look at everything again; sleep until its token
/// is set; leave(). A producer: publish the work; wake_one(). Both first write, then look at what the other wrote, all
/// with seq_cst operations, so one of them sees the other (Dekker): either the worker finds the work or the producer
/// finds the worker. A worker's request for stealable work (split_deque::ask) is part of what it writes: an owner that
/// answered it before has published tasks, which the second look finds; one that answers later looks for sleepers.
///
/// wake_one() takes the worker off the list, so that the next call wakes another one: a wake-up stands for one task.
/// Who was chosen and then does not take work, because what it waited for has happened, wakes the next one: leave()
/// says so. The last to fall asleep is the first to be woken: its cache is the warmest.
///
/// `count_` is the length of the list, changed under the mutex; producers look at it without. 32 bits: no number of
/// workers overflows it. tests/model/sleepers.pml is this protocol for the model checker.
class sleepers {
 public:
  constexpr sleepers() noexcept = default;

  void add(native_worker& worker, appetite who) noexcept;

  /// Called by the worker itself, however it was woken. False: it is chosen for some work that it must take or pass on.
  [[nodiscard]] bool leave(native_worker& worker) noexcept;

  /// Wakes one sleeper that takes such work, if there is one. True: others that take it sleep still.
  bool wake_one(work_kind what) noexcept {
    return count_.load() != 0 && wake_one_of_list(what);
  }

  [[nodiscard]] bool any() const noexcept { return count_.load() != 0; }

 private:
  bool wake_one_of_list(work_kind what) noexcept;

  alignas(64) std::atomic<std::uint32_t> count_{0};
  std::mutex mutex_;
  native_worker* top_ = nullptr;  // guarded by mutex_
};

}  // namespace pinfold::detail
