// Counts a pool's accepted and finished work, and decides who may still submit.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include <pinfold/detail/event.hpp>

namespace pinfold::detail {

/// States: closed -> draining -> open -> draining -> closed. Draining admits what accepted work submits, and nothing
/// else; a starting topology passes through it so that no pool is open while another still refuses.
///
/// `accepted_` holds the state in its two top bits and the count below, so that admission is one fetch_add that sees
/// the state at which it counted: a drain that begins later sees the count and waits for it. Both counts only grow: an
/// entry that is refused after it was counted counts itself as finished, and then looks, as leave() does, whether it
/// hid idleness from a waiter. That is rare: a refusal is looked for before anything is counted.
/// Who submits a task counts itself too while it does: what it touches is not torn down when the task ends first.
/// Idle: `finished_` equals the count. Read finished first: finished <= accepted at every moment, so equality with a
/// later accepted means that nothing was accepted in between and everything before is finished.
/// Closing: remember() before a look at all gates of a topology, try_close() after it. Where the count is the same
/// still, nothing was accepted meanwhile; the compare-exchange makes this and the end of admission one step.
/// Memory orders: leave() and wait_idle() meet like in Dekker's algorithm: leave counts, then looks for waiters; a
/// waiter registers, then looks at the counts; both in the one order of seq_cst operations, so one of them sees the
/// other. The waker looks again under the mutex, so that nobody is woken by an idleness from before he registered.
/// tests/model/work_gate.pml is this protocol for the model checker. leave()'s release also makes the finished work's
/// effects visible to who finds the gate idle.
class work_gate {
 public:
  constexpr work_gate() noexcept = default;
  struct always_open_t {};
  static constexpr always_open_t always_open{};
  explicit constexpr work_gate(always_open_t) noexcept : accepted_(0) {}

  /// False: refused, nothing was counted. `from_task`: the caller is itself accepted work.
  [[nodiscard]] bool enter(bool from_task, std::uint64_t count) noexcept;

  /// Accepted work has ended. After the last of it the pool may stop at any moment.
  void leave(std::uint64_t count = 1) noexcept;

  [[nodiscard]] bool is_open() const noexcept;
  [[nodiscard]] bool is_idle() const noexcept;

  /// Returns once is_idle() was true. Any number of threads may wait.
  void wait_idle() noexcept;

  /// Returns once nothing was unfinished but the `own` tasks of each thread that was in here, all of which then return.
  void wait_for_others(std::uint64_t own) noexcept;

  void open() noexcept;
  void drain() noexcept;              ///< from closed, too
  void refuse_foreigners() noexcept;  ///< from open to draining; a closed gate stays closed

  void remember() noexcept;
  [[nodiscard]] bool is_as_remembered() const noexcept;
  /// False: something was accepted since remember().
  [[nodiscard]] bool try_close() noexcept;

  /// Grows with every accepted task.
  [[nodiscard]] std::uint64_t accepted() const noexcept;

 private:
  struct waiter {
    const bool for_others;
    const std::uint64_t own;
    event idle{};
    waiter* next = nullptr;
  };

  [[nodiscard]] static bool admits(std::uint64_t state, bool from_task) noexcept;
  [[nodiscard]] bool others_are_idle() const noexcept;
  void wait(waiter& self) noexcept;
  void wake_if_idle() noexcept;

  static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63;
  static constexpr std::uint64_t draining_bit = std::uint64_t{1} << 62;
  static constexpr std::uint64_t count_mask = draining_bit - 1;

  alignas(64) std::atomic<std::uint64_t> accepted_{closed_bit};
  alignas(64) std::atomic<std::uint64_t> finished_{0};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::uint64_t> excused_{0};  // own tasks of those who wait for others; changed under mutex_
  std::mutex mutex_;
  waiter* waiters_ = nullptr;     // guarded by mutex_
  std::uint64_t remembered_ = 0;  // the topology's only
};

}  // namespace pinfold::detail
