// Counts a pool's accepted and finished work, and decides who may still submit.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include <pinfold/detail/deadline.hpp>
#include <pinfold/detail/depth_mark.hpp>

namespace pinfold::detail {

/// Whether who enters holds the gate until let_go().
enum class holding : bool { no, yes };

enum class gate_state : std::uint8_t { open, draining, closed };

/// Who is told that a watched gate is idle, by the thread that made it so.
class idle_observer {
 public:
  virtual void gate_is_idle() noexcept = 0;

 protected:
  ~idle_observer() = default;
};

/// States: closed -> draining -> open -> draining -> closed. Draining admits what accepted work submits, and nothing
/// else; a starting topology passes through it so that no pool is open while another still refuses.
///
/// `accepted_` holds, from the top, the number of tasks ever accepted, a gauge of holds, and the state. So admission is
/// one fetch_add of a task and a hold together that sees the state at which it counted: a drain that begins later sees
/// both and waits for them. A hold is somebody who still touches the pool: a submitter until it has let go of the queue
/// (its task may have ended before), or a managed thread being born. The number wraps off the top: it is compared
/// modulo 2^40, and that many tasks never wait at once.
/// `finished_` is the number of tasks ever finished. Finished tasks were accepted: finished <= accepted at every
/// moment. Who enters and is refused, or cannot be queued, takes its task and its hold back in one step; so where there
/// are no holds the number is exact, and from one such moment to the next it only grows.
///
/// Idle: no hold, and both numbers equal. Read finished first: finding them equal, everything accepted up to the second
/// read was finished at the first one, so the gate was idle at the second. Read the other way round, what was accepted
/// and finished in between could hide something unfinished.
///
/// Closing: remember() for each gate of a topology, which succeeds only where it is idle; then is_as_remembered() for
/// each. Where no gate has changed, all were idle at once when the last remember() ended, and nothing is left that
/// could submit. try_close()'s compare-exchange makes the last look and the end of admission one step; it fails for a
/// foreigner who entered and was not refused yet. tests/model/closing.pml is this for the model checker.
///
/// Memory orders: who makes the gate idle (finishes, lets go, takes back, excuses) and who waits meet like in Dekker's
/// algorithm: the one changes a number, then looks for waiters; the other registers, then looks at the numbers; all
/// four in the one order of seq_cst operations, so one of them sees the other. Of several who together make the gate
/// idle the last in that order sees what the others did. The waker looks again under the mutex, so that nobody is woken
/// by an idleness from before he registered. tests/model/work_gate.pml is this for the model checker. leave()'s
/// release also makes the finished work's effects visible to who finds the gate idle. A watching observer registers and
/// looks as a waiter does; it is told outside the mutex, since it hands work over.
///
/// Who submits writes `accepted_`, who runs writes `finished_`: they lie on lines of their own, two apart because
/// processors fetch lines in pairs. Both read `waiting_`, which is written only when somebody waits.
class work_gate {
 public:
  constexpr work_gate() noexcept = default;
  struct always_open_t {};
  static constexpr always_open_t always_open{};
  explicit constexpr work_gate(always_open_t) noexcept : accepted_(0) {}
  struct marks_depth {
    bool marks;
  };
  explicit constexpr work_gate(marks_depth depth) noexcept : depth_(depth.marks) {}

  /// False: refused, nothing was counted. `from_task`: the caller is itself accepted work.
  [[nodiscard]] bool enter(bool from_task, std::uint64_t tasks, holding held) noexcept;

  /// The same for a part of work that was accepted and does not end before it: never refused.
  void enter_part(std::uint64_t tasks, holding held) noexcept;

  /// Ends a hold. After the last, with nothing unfinished, the pool may stop at any moment.
  void let_go() noexcept;
  /// The same by the observer itself. True: it is to look again.
  [[nodiscard]] bool let_go_unobserved() noexcept;

  /// Takes back what was entered with that and has not begun; without a hold, by accepted work only.
  void take_back(std::uint64_t tasks, holding held) noexcept;

  /// Accepted work has ended. After the last of it, with nobody holding, the pool may stop at any moment.
  void leave() noexcept;

  [[nodiscard]] gate_state state() const noexcept;
  [[nodiscard]] bool is_open() const noexcept { return state() == gate_state::open; }
  [[nodiscard]] bool is_idle() const noexcept;

  /// Returns once is_idle() was true. Any number of threads may wait.
  void wait_idle() noexcept;
  /// False: the deadline has passed. Workers of pools run nothing meanwhile, unless there is no deadline.
  [[nodiscard]] bool wait_idle_until(deadline limit) noexcept;

  /// Returns once nothing was unfinished but the `own` tasks of each thread that was in here, all of which then return.
  void wait_for_others(std::uint64_t own) noexcept;

  /// Something accepted that nobody in wait_for_others() waits for, until the second call, before it leaves.
  void excuse() noexcept;
  void stop_excusing() noexcept { excused_.fetch_sub(1); }

  /// While it is watched the observer is told whenever the gate has become idle.
  void observe_by(idle_observer& observer) noexcept { observer_.store(&observer, std::memory_order_relaxed); }
  void watch() noexcept;
  void unwatch() noexcept;

  void open() noexcept;
  void drain() noexcept;              ///< from closed, too
  void refuse_foreigners() noexcept;  ///< from open to draining; a closed gate stays closed

  /// False: it is not idle.
  [[nodiscard]] bool remember() noexcept;
  [[nodiscard]] bool is_as_remembered() const noexcept;
  /// In a forked child, where nothing unfinished will end: closed, and nobody waits. What the forking thread was in may
  /// end here all the same, uncounted: a closed gate is idle whatever the numbers say.
  void abandon_in_child() noexcept;

  /// From draining, where it is as remembered.
  [[nodiscard]] bool try_close() noexcept;

  /// Whether the gate is idle; then `accepted` is exact, and grows with every accepted task.
  [[nodiscard]] bool is_idle_at(std::uint64_t& accepted) const noexcept;

  /// Since the program began. What is read of the gate's tasks between the two fits both: finished first, accepted
  /// last.
  [[nodiscard]] std::uint64_t finished() const noexcept { return finished_.load(); }
  [[nodiscard]] std::uint64_t accepted(std::uint64_t finished_before) const noexcept;
  /// The most that were accepted and not finished at one moment, see depth_mark; 0 where no mark is kept.
  [[nodiscard]] std::uint64_t high_water() const noexcept;

 private:
  struct waiter {
    const bool for_others;
    const std::uint64_t own;
    void (*const wake)(waiter& self) noexcept;  // mutex_ held; ends its life
    waiter* next = nullptr;
  };
  struct blocked_waiter;
  struct timed_waiter;

  static constexpr std::uint64_t draining_bit = 1;
  static constexpr std::uint64_t closed_bit = 2;
  static constexpr std::uint64_t state_mask = draining_bit | closed_bit;
  static constexpr std::uint64_t one_hold = state_mask + 1;
  static constexpr unsigned hold_bits = 22;  // the kernel has no more threads than that
  static constexpr std::uint64_t one_task = one_hold << hold_bits;

  [[nodiscard]] static constexpr std::uint64_t units(std::uint64_t tasks, holding held) noexcept {
    return (tasks * one_task) + (held == holding::yes ? one_hold : 0);
  }
  [[nodiscard]] static bool admits(std::uint64_t word, bool from_task) noexcept;
  [[nodiscard]] static bool are_finished(std::uint64_t word, std::uint64_t finished) noexcept;
  [[nodiscard]] bool others_are_idle() const noexcept;
  void add(waiter& self) noexcept;
  void look_for_waiters() noexcept;
  [[nodiscard]] bool wake_if_idle() noexcept;

  void note_depth(std::uint64_t word) noexcept { depth_.note(word / one_task, finished_); }

  alignas(128) std::atomic<std::uint64_t> accepted_{closed_bit};
  mutable depth_mark depth_{false};                  // who reads it looks, too
  alignas(64) std::atomic<std::size_t> waiting_{0};  // on the list, and watching
  std::atomic<std::size_t> watching_{0};
  std::atomic<idle_observer*> observer_{nullptr};
  std::uint64_t remembered_ = 0;  // the topology's only
  alignas(128) std::atomic<std::uint64_t> finished_{0};
  alignas(64) std::atomic<std::uint64_t> excused_{0};  // own tasks of those who wait for others, and what is excused
  std::mutex mutex_;
  waiter* waiters_ = nullptr;  // guarded by mutex_
};

}  // namespace pinfold::detail
