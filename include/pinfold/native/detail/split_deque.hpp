// A worker's stack of forked tasks: the owner works at its top without synchronisation, thieves take from the bottom.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pinfold::detail {

class native_worker;

/// One forked or spawned task. No initialisers: a static array of slots is zero memory that costs nothing until used.
struct alignas(64) fork_slot {
  /// Called by a thief with the owner; by the owner itself, which has taken it off the stack, with nullptr (spawned
  /// tasks only: of a fork it calls the closure directly).
  using function = void (*)(fork_slot& slot, native_worker* owner) noexcept;
  static constexpr std::size_t capacity = 48;

  function run;
  std::atomic<std::uint32_t> state;  // meaningful while shared: 0, thief + 1 | is_awaited, is_done
  std::uint32_t below;               // of a spawned task: index above the spawned task below it
  alignas(16) std::byte bytes[capacity];
};
static_assert(sizeof(fork_slot) == 64, "one cache line, so that a thief and the owner's next task do not share one");

/// After Lace (van Dijk and van de Pol, "Lace: non-blocking split deque for work-stealing", MuCoCoS 2014), with the two
/// indices that thieves and owner share in one 64-bit word that is only ever accessed whole.
///
///     slots   0 ... tail ... split ... head ... end
///             stolen | shared | private | free
///
/// Owner only: `head_`, `barrier_`, `spawned_`, `split_`, which is a copy. Shared: `steal_` = tail | split << 32.
/// Thieves add one to tail by compare-exchange while tail < split; only the owner changes split.
///
/// Fork writes the slot at head, and head. Join takes head back; when the slot is not below `barrier_` it is private,
/// and nobody else has ever seen it. Neither synchronises: what makes slots visible is share(), which the owner calls
/// when it notices a thief's request.
///
/// Request: a thief that finds nothing shared sets `limit_`, which the owner compares head with at each fork (it also
/// marks the end of the slots, so both tests are one), to null; the owner answers with share(): it moves split half-way
/// up to head, so the oldest tasks, the largest ones of a recursion, go first. Then the next `watched_joins` joins look
/// for a request, too: a dozen long tasks in a row are given away while the owner joins them one by one, and a fine
/// recursion goes back to looking at its forks only. (An atomic load in every join kept GCC from turning fib's second
/// call into a loop: 3.2 instead of 1.9 ns a fork, bench/fib.)
///
/// Memory orders. share() publishes the slots below the new split with a seq_cst fetch_add on `steal_` (seq_cst also
/// for sleepers.hpp); a thief's successful compare-exchange (acquire) reads it or a later change of it, which continues
/// its release sequence: the slot's contents happen before the theft. A slot is read only after the theft has
/// succeeded, so an old value of `steal_` does no harm: where it is current again, so are the slots it speaks of. The
/// thief ends with an acq_rel exchange of `state` to is_done, which the owner's acquire load pairs with: the result
/// happens before the join, and the reuse of the slot after the theft.
///
/// Taking back a shared task (take_back) is a compare-exchange by the owner that lowers split below it; it succeeds
/// only if tail has not passed the slot, so exactly one of owner and thief gets each task. It lowers split to half of
/// what was left, so that joining a row of shared tasks takes few of them.
///
/// Invariant: tail <= split <= head between operations. A join is last-in, first-out, so when slot i is joined and was
/// stolen, head is i + 1 and tail = split = i + 1; afterwards the owner sets both to i by a plain store, which no
/// thief's compare-exchange can meet, since none is attempted at tail = split.
///
/// Spawned tasks lie on the same stack and are not joined: who comes by runs them. `barrier_` is above the topmost of
/// them, too, so that the join of a fork with spawned tasks above it notices and takes the slow way. `spawned_` is the
/// index above the topmost one and continues in each one's `below`.
class split_deque {
 public:
  static constexpr std::uint32_t is_done = 1U << 31U;
  static constexpr std::uint32_t is_awaited = 1U << 30U;
  static constexpr std::uint32_t thief_mask = is_awaited - 1;

  constexpr split_deque() noexcept = default;
  split_deque(const split_deque&) = delete;
  split_deque& operator=(const split_deque&) = delete;

  // --- the owner's fast path ---

  [[nodiscard]] fork_slot* head() const noexcept { return head_; }
  void set_head(fork_slot* slot) noexcept { head_ = slot; }
  /// A slot is free at `slot`, the head, and no thief asks.
  [[nodiscard]] bool is_calm(const fork_slot* slot) const noexcept {
    return slot < limit_.load(std::memory_order_relaxed);
  }
  /// The slot can be joined by setting head to it: it is private, nothing is above it, and no request is looked for.
  [[nodiscard]] bool is_unwatched(const fork_slot* slot) const noexcept { return slot >= barrier_; }

  // --- the owner's slow path ---

  [[nodiscard]] bool is_full() const noexcept { return head_ == end_; }
  /// Some thief waits for a task.
  [[nodiscard]] bool is_asked() const noexcept { return limit_.load(std::memory_order_relaxed) == nullptr; }
  [[nodiscard]] fork_slot* first() const noexcept { return first_; }
  /// There are tasks that nobody has begun, and all of them are at or above `base`.
  [[nodiscard]] bool has_tasks_only_above(const fork_slot* base) const noexcept;

  /// Shares half of the private tasks, at least one if there is one, and takes requests as answered. False: there is
  /// none to share, and requests stay.
  bool share() noexcept;
  /// The request stays: others wait for tasks as well.
  void ask_again() noexcept { limit_.store(nullptr, std::memory_order_relaxed); }

  /// By a join that looks for a request.
  void count_watched_join() noexcept {
    if (watch_ == 0) return;
    --watch_;
    if (watch_ == 0) set_barrier();
  }

  /// The top slot is the owner's: still, or again. Then it is off the stack.
  [[nodiscard]] bool take_back(fork_slot* slot) noexcept;
  [[nodiscard]] bool is_stolen(const fork_slot* slot) const noexcept;
  /// The top slot was stolen and is done with: takes it off the stack.
  void drop_stolen(fork_slot* slot) noexcept;

  /// Puts the slot at head on the stack as a spawned task.
  void push_spawned() noexcept;
  /// The top slot is a spawned task's.
  [[nodiscard]] bool has_spawned_on_top() const noexcept { return spawned_ != 0 && at(spawned_) == head_; }
  /// Removes the top slot, a spawned task's that the caller has taken back or that was stolen, from the chain.
  void unlink_spawned(const fork_slot& top) noexcept;

  // --- thieves ---

  /// Takes the oldest shared task for thief number `thief`; asks for one if there is none. nullptr: none.
  /// `more`: another one was left.
  [[nodiscard]] fork_slot* steal(std::uint32_t thief, bool& more) noexcept;
  void ask() noexcept {
    if (limit_.load() != nullptr) limit_.store(nullptr);
  }
  /// There is a shared task.
  [[nodiscard]] bool has_shared() const noexcept;

  /// Before any of the above: an empty stack over the slots.
  void reset(std::span<fork_slot> slots) noexcept;

 private:
  [[nodiscard]] fork_slot* at(std::uint32_t index) const noexcept { return first_ + index; }
  [[nodiscard]] std::uint32_t index_of(const fork_slot* slot) const noexcept {
    return static_cast<std::uint32_t>(slot - first_);
  }
  void set_split(std::uint32_t split) noexcept;
  void set_barrier() noexcept;

  static constexpr std::uint32_t watched_joins = 64;

  // Without slots every fork takes the slow way: that is how a thread that is no worker is noticed.
  alignas(64) fork_slot* head_ = nullptr;
  fork_slot* barrier_ = nullptr;
  fork_slot* first_ = nullptr;
  fork_slot* end_ = nullptr;
  std::uint32_t split_ = 0;
  std::uint32_t spawned_ = 0;
  std::uint32_t watch_ = 0;  // joins that look for a request still
  alignas(64) std::atomic<fork_slot*> limit_{nullptr};
  alignas(64) std::atomic<std::uint64_t> steal_{0};
};

}  // namespace pinfold::detail
