// The queue through which tasks come to workers from outside.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>

#include <pinfold/detail/guarded_list.hpp>
#include <pinfold/detail/task.hpp>

namespace pinfold::detail {

class event;

/// No initialisers: zero memory is an empty cell of the first round.
struct injector_cell {
  std::atomic<std::uint64_t> turn;  // 2 * round: empty; 2 * round + 1: full
  task* item;
};

/// FIFO of three parts, oldest first: `aside_`, the ring, `overflow_`.
///
/// The ring is a bounded queue for any number of producers and consumers (after Dmitry Vyukov's, with the turns of Erik
/// Rigtorp's MPMCQueue): a cell is full or empty in a round, which is position / capacity; a producer takes a position
/// by advancing `tail_`, writes the cell and then its turn; a consumer takes one by advancing `head_`, reads it and
/// writes the turn of the next round. The turn's release store pairs with the other side's acquire load. For the
/// sleepers the ring is not empty as soon as `tail_` has advanced (seq_cst): who looks before the cell is written looks
/// again.
///
/// What must not be refused and must not wait (a continuation given to an executor, a caller that waits anyway) goes to
/// `overflow_` when the ring is full, or when something is there already: else a later task would overtake it. Tasks
/// are linked by themselves, so it needs no memory.
/// Workers deep in waits take awaited tasks only: what they find in the ring before one is put aside, and takes up its
/// room still. `moving_` counts those who are at it: what they carry is in neither list, and counts as something that
/// is about to be published.
///
/// Who may wait for room first looks on for about as long as a sleep and a wake-up take, and comes back to room for
/// many tasks: a producer that is faster than the workers would otherwise be put to sleep and woken for every few
/// tasks, which costs both sides more than the tasks do. Then it registers in `waiting_` and tries again before it
/// sleeps; a consumer frees a cell and then looks for those who wait (both with seq_cst operations, the turn among
/// them, as with the sleepers). It wakes them for the first cell: the next one may be freed only after something that
/// they do.
class injector {
 public:
  /// The number of cells is a power of two.
  explicit constexpr injector(std::span<injector_cell> cells) noexcept : cells_(cells) {}

  /// False: it is full.
  [[nodiscard]] bool try_push(task& item) noexcept;
  /// Never full.
  void push(task& item) noexcept;
  /// Waits while it is full.
  void push_or_wait(task& item) noexcept;

  /// nullptr: nothing is published.
  [[nodiscard]] task* pop(bool awaited_only) noexcept { return awaited_only ? pop_awaited() : pop_any(); }

  /// False: there are none. With seq_cst loads, as a sleeper's second look.
  [[nodiscard]] bool may_have_tasks(bool awaited_only) const noexcept;

  [[nodiscard]] std::size_t capacity() const noexcept { return cells_.size(); }
  /// Exact only while nothing changes.
  [[nodiscard]] std::size_t size() const noexcept;

 private:
  struct waiter {
    event* room;
    waiter* next;
  };

  [[nodiscard]] bool push_to_ring(task& item) noexcept;
  [[nodiscard]] task* pop_from_ring() noexcept;
  [[nodiscard]] bool ring_is_empty() const noexcept;
  [[nodiscard]] task* pop_aside(bool awaited_only) noexcept;
  [[nodiscard]] bool has_room() const noexcept;
  void look_for_much_room() const noexcept;
  [[nodiscard]] task* pop_overflow(bool awaited_only) noexcept;
  [[nodiscard]] task* pop_any() noexcept;
  [[nodiscard]] task* pop_awaited() noexcept;
  [[nodiscard]] task* pop_awaited_from_ring() noexcept;
  void admit_waiters() noexcept;

  std::span<injector_cell> cells_;
  guarded_list aside_;
  guarded_list overflow_;
  alignas(64) std::atomic<std::uint64_t> tail_{0};
  alignas(64) std::atomic<std::uint64_t> head_{0};
  std::atomic<std::size_t> moving_{0};
  alignas(64) std::atomic<std::size_t> waiting_{0};
  std::mutex waiters_mutex_;
  waiter* waiters_ = nullptr;  // guarded by waiters_mutex_
};

}  // namespace pinfold::detail
