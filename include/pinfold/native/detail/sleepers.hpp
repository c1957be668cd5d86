// The event count of a native pool: who sleeps, for what, and how not to miss a wake-up.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace pinfold::detail {

class native_worker;

/// Kinds of work that come from outside a worker. Beside them each worker runs what is mailed to it.
enum class work_kind : std::uint8_t { stealable, injected, awaited };

/// What a worker takes where it is. Each function that it runs inside a wait takes stack, so once half of that is used
/// it takes only what others wait for, which is what keeps pools that wait for each other going, and what the waiting
/// function itself has spawned; and anything when all workers sleep, since what they wait for may depend on it. Near
/// the end of the stack only its own are left: a cycle of waits that needs more stack than there is hangs.
enum class appetite : std::uint8_t {
  joining_deep,  ///< in a join, deep: what its thief forked (it is not woken for that)
  joining,       ///< in a join: what others forked and spawned
  full,          ///< in another wait, near the end of the stack: what its function spawned
  deep,          ///< in another wait, deep: what somebody waits for, and what its function spawned
  waiting,       ///< in another wait: everything
  idle           ///< in no function: everything
};

constexpr bool takes(appetite who, work_kind what) noexcept {
  switch (who) {
    case appetite::joining_deep:
    case appetite::full:
      return false;
    case appetite::joining:
      return what == work_kind::stealable;
    case appetite::deep:
      return what == work_kind::awaited;
    case appetite::waiting:
    case appetite::idle:
      return true;
  }
  return false;
}

constexpr bool is_join(appetite who) noexcept { return who <= appetite::joining; }
constexpr bool is_deep(appetite who) noexcept { return who != appetite::joining && who <= appetite::deep; }

/// Protocol. A worker that finds nothing: add() itself; ask every deque; look at everything again; sleep until its
/// token is set; leave(). A producer: publish the work; wake_one(). Both first write, then look at what the other
/// wrote, all with seq_cst operations, so one of them sees the other (Dekker): either the worker finds the work or the
/// producer finds the worker. A worker's request for stealable work (split_deque::ask) is part of what it writes: an
/// owner that answered it before has published tasks, which the second look finds; one that answers later looks for
/// sleepers.
///
/// When all sleep and none of them takes the work, one that is deep is woken for it; the last to fall asleep looks
/// for work that nobody would take otherwise: a deep worker takes it, any other wakes one that is deep. Together: never
/// do all sleep while there is work, one of them deep.
///
/// wake_one() takes the worker off the list, so that the next call wakes another one: a wake-up stands for one task.
/// Who was chosen owes a look: before it runs anything else, and when what it waited for has happened, it wakes the
/// next one for the same kind. Idle workers are woken first, since a function that waits would be held up by what it
/// runs; among them the last to fall asleep, whose cache is the warmest.
///
/// `count_` is the length of the list, changed under the mutex; producers look at it without. 32 bits: no number of
/// workers overflows it. tests/model/sleepers.pml is this protocol for the model checker.
class sleepers {
 public:
  constexpr sleepers() noexcept = default;

  /// Before the pool's threads run.
  void open(std::size_t workers) noexcept { workers_ = static_cast<std::uint32_t>(workers); }

  void add(native_worker& worker, appetite who) noexcept;

  /// Called by the worker itself, however it was woken. False: it was chosen, for what called_for() says.
  [[nodiscard]] bool leave(native_worker& worker) noexcept;

  /// Wakes one sleeper that takes such work, if there is one. True: others that take it sleep still.
  bool wake_one(work_kind what) noexcept { return count_.load() != 0 && wake_one_of_list(what); }

  [[nodiscard]] bool any() const noexcept { return count_.load() != 0; }
  [[nodiscard]] bool all_sleep() const noexcept { return count_.load() == workers_; }

 private:
  bool wake_one_of_list(work_kind what) noexcept;
  [[nodiscard]] native_worker** find_deep() noexcept;

  alignas(64) std::atomic<std::uint32_t> count_{0};
  std::uint32_t workers_ = 0;
  std::mutex mutex_;
  native_worker* top_ = nullptr;  // guarded by mutex_
};

}  // namespace pinfold::detail
