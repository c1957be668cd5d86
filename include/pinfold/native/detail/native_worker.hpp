// A worker of a native pool: its deque, its mailbox, and how it finds work and waits.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <pinfold/detail/guarded_list.hpp>
#include <pinfold/detail/task.hpp>
#include <pinfold/native/detail/fifo_shelf.hpp>
#include <pinfold/native/detail/sleepers.hpp>
#include <pinfold/native/detail/split_deque.hpp>
#include <pinfold/native/detail/steal_order.hpp>

namespace pinfold::detail {

class event;
class native_pool_core;

/// All zero at first, so that static storage costs nothing in the binary. It outlives every thread, so any thread may
/// unpark a worker at any time; an unpark that comes too late only makes it look around once more.
class native_worker : public split_deque {
 public:
  constexpr native_worker() noexcept = default;

  /// Before the pool's threads run.
  void open(native_pool_core& pool, std::uint32_t index, std::span<fork_slot> slots, const steal_order& order) noexcept;

  [[nodiscard]] native_pool_core* pool() const noexcept { return pool_; }
  [[nodiscard]] std::uint32_t index() const noexcept { return index_; }

  // --- called by the worker itself ---

  /// Until `closing` is set and the pool has nothing left.
  void serve(const std::atomic<bool>& closing) noexcept;
  /// Runs other work until the event is set.
  void await(const event& done) noexcept;

  /// The slow way of a fork or spawn: answers thieves; false where all slots are taken even so. Throws outside_pool on
  /// a thread that is no worker's.
  bool make_room();
  /// Gives half of its private tasks away, and wakes one who sleeps for want of them. False: there is none.
  bool offer() noexcept;
  /// The same where a thief asks.
  void answer() noexcept;
  /// The slow way of a join; nullptr: the fork found no room. True: the task is off the stack and the caller's to run.
  /// False: a thief has run it; the caller takes the result and calls drop_stolen().
  [[nodiscard]] bool join_slowly(fork_slot* slot) noexcept;
  /// Runs spawned tasks from the top of the stack down to `base`, which was its head once.
  void run_spawned_above(const fork_slot* base) noexcept;

  /// Runs one task of any kind, or only one of this worker's own. False: there is none, or more than half of
  /// the stack is in use.
  bool run_any() noexcept;
  bool run_own() noexcept;

  /// What lies on the stack from here on, `push_spawned()` of the deque and an answer to thieves.
  void spawned() noexcept;

  /// See work_gate::wait_for_others(). Throws would_block where this thread runs nothing that the gate counts.
  void sync_all();

  [[nodiscard]] fifo_shelf& shelf() noexcept { return shelf_; }

  // --- called by any thread ---

  void mail(task& item) noexcept;
  void unpark() noexcept;
  /// A thief has run the slot's task, or has taken a spawned one out of it: the slot is its owner's again.
  void finish(fork_slot& slot) noexcept {
    if ((slot.state.exchange(is_done, std::memory_order_acq_rel) & is_awaited) != 0) unpark();
  }
  /// Tasks that ran at once because all slots were taken.
  [[nodiscard]] std::uint64_t overflowed() const noexcept { return overflowed_.load(std::memory_order_relaxed); }

 private:
  friend class sleepers;
  class patience;
  class base_of_function;
  class frame;

  /// What this worker was woken for and has not looked for yet.
  using debt = std::optional<work_kind>;

  template <class Done, class Leap>
  void work_until(Done done, appetite who, Leap leap) noexcept;
  template <class Done>
  [[nodiscard]] debt sleep_unless(Done done, appetite who) noexcept;
  void pay(debt& owed) noexcept;
  bool run_one(appetite who, native_worker* leap, debt& owed) noexcept;
  void run_task(task& item) noexcept;
  bool run_injected(bool awaited_only) noexcept;
  bool run_stolen_of(native_worker& victim) noexcept;
  bool run_stolen() noexcept;
  bool run_own_above(const fork_slot* base) noexcept;
  void run_top_spawned() noexcept;
  void drop_top_spawned() noexcept;
  void await(fork_slot& slot) noexcept;
  [[nodiscard]] bool sees_work(appetite who) const noexcept;
  [[nodiscard]] bool has_shared_task() const noexcept;
  [[nodiscard]] debt last_resort(appetite who) const noexcept;
  bool run_due(work_kind due, appetite who) noexcept;
  void ask_everyone() noexcept;
  void park() noexcept;
  [[nodiscard]] native_worker* thief_of(const fork_slot& slot) const noexcept;
  [[nodiscard]] std::uint32_t random(std::uint32_t below) noexcept;

  native_pool_core* pool_ = nullptr;
  const steal_order* order_ = nullptr;
  std::uint32_t index_ = 0;
  std::uint32_t random_ = 0;
  bool injected_first_ = false;
  std::uint64_t excused_ = 0;                 // tasks on this thread's stack: by sync_all()
  fork_slot* base_ = nullptr;                 // head when the innermost frame began
  std::atomic<std::uint64_t> overflowed_{0};  // written by the worker only
  fifo_shelf shelf_;

  // Written by others.
  alignas(64) std::atomic<std::uint32_t> token_{0};
  guarded_list mailbox_;

  // Guarded by the mutex of the pool's sleepers.
  native_worker* next_sleeper_ = nullptr;
  appetite appetite_ = {};
  work_kind called_for_ = {};
  bool listed_ = false;
};

/// In an executable a thread-local variable is at a constant distance from the thread pointer; only code for shared
/// libraries has to look the distance up (a load and a register in every fork: 10% of bench/fib). pinfold is linked
/// statically, so code that is compiled for executables only may know that.
#if !defined(__PIC__) || defined(__PIE__)
#define PINFOLD_IN_EXECUTABLE [[gnu::tls_model("local-exec")]]
#else
#define PINFOLD_IN_EXECUTABLE
#endif

/// The calling thread's worker; on other threads one without slots, where the first fork throws.
PINFOLD_IN_EXECUTABLE extern constinit thread_local native_worker* this_worker;
#undef PINFOLD_IN_EXECUTABLE

/// The same, or outside_pool is thrown, which names the function that was called: "scope".
native_worker& require_worker(const char* function);

}  // namespace pinfold::detail
