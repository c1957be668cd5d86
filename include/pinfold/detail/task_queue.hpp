// The tasks that wait for a pool's workers: one shared FIFO, and for each worker a FIFO and a stack of scopes' tasks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include <pinfold/detail/injector.hpp>
#include <pinfold/detail/scope_task.hpp>
#include <pinfold/detail/task.hpp>

namespace pinfold::detail {

class event;
class pool_core;
class vain_looks;

/// The shared FIFO is an injector, which workers and posters use without a lock; the rest is guarded by `mutex_`, and
/// the counts of what is directed are hints that spare a worker the lock.
///
/// A sleeper is a worker with nothing to do, a helper (a worker inside a wait, which may run any task), or a worker
/// deep in waits: each task that runs inside a wait takes stack, so once half of that is used a worker takes only tasks
/// that somebody waits for, which is what keeps pools that wait for each other going, and any when all workers wait
/// like that; near the end of its stack it takes none. A push wakes one idle worker, or, when none sleeps, one helper,
/// or, for an awaited task or when all are deep, one deep in waits. One wake-up may stand for several pushes, because a
/// sleeper counts as asleep until it runs again: so who was woken and finds more than it takes wakes the next, and so
/// does who leaves a wait that has ended, since a push may have counted it asleep. The last to fall asleep near the end
/// of its stack wakes one that is deep for what is left.
/// Who pushes to the shared FIFO does so before it looks at `asleep_`, and takes the mutex only where somebody is; who
/// falls asleep counts itself there, under the mutex, before its last look at the FIFO, all with seq_cst operations: so
/// one of them sees the other (Dekker), and the mutex keeps the notification until the sleeper waits for it. Directed
/// tasks and parts are pushed under the mutex. tests/model/task_queue.pml is this protocol for the model checker.
/// Made at the first start and never destroyed: who pushes may still hold the mutex when the last worker leaves.
///
/// Parts, the tasks of scopes, lie on the stack of the worker that spawned them: a worker that waits takes its newest
/// first, so that scopes that nest take no more stack than their depth, and what its innermost function has spawned
/// (what lies above `base`) it takes however much stack is in use. Others take the oldest. Those spawned by threads
/// that are none of the pool's lie on a stack of their own, from which all take the oldest. The workers that are in no
/// wait are told of parts by rings, at most one for each worker: a push rings for a worker that has none under way, and
/// who answers a ring takes one part and rings again while there are more. So while there are parts a ring is under
/// way, and a scope of many small tasks that its own worker runs does not fill the pool's library with rings that find
/// nothing. tests/model/part_rings.pml is this protocol for the model checker.
class task_queue {
 public:
  /// `cells`, a power of two: shared tasks that are stored; more of them are linked.
  task_queue(pool_core& owner, std::size_t workers, std::size_t cells)
      : owner_(owner), cells_(cells), shared_(cells_), desks_(workers) {}

  void push(task& item) noexcept;
  void push_to(std::size_t worker, task& item) noexcept;

  /// What is directed to this worker, else from the shared queue; nullptr when there is neither.
  [[nodiscard]] task* try_pop(std::size_t worker) noexcept;
  [[nodiscard]] task* try_pop_directed(std::size_t worker) noexcept;
  /// For some worker, or for all; as the calling thread's last push or pop left it, or newer.
  [[nodiscard]] bool has_directed() const noexcept { return directed_ready_.load(std::memory_order_relaxed) != 0; }
  /// False: there are none. A task that is about to be published counts.
  [[nodiscard]] bool may_have_shared() const noexcept { return shared_.may_have_tasks(false); }

  /// As try_pop(), and parts, but waits; nullptr once close() was called and nothing is left.
  [[nodiscard]] task* pop(std::size_t worker) noexcept;

  /// open() before the first pop of a run; close() ends every pop().
  void open() noexcept;
  void close() noexcept;

  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);
  /// By the worker `worker`, or by a thread that is nobody of the pool's. Returns the worker that the caller rings for,
  /// or nobody.
  [[nodiscard]] std::size_t push_part(scope_task& item, std::size_t worker) noexcept;
  /// What the worker `worker` does with the ring for `rung`: runs the part, if there is one, after it has rung for
  /// itself, if it is to.
  struct ring_answer {
    scope_task* part;
    bool ring_again;
  };
  [[nodiscard]] ring_answer answer_part_ring(std::size_t rung, std::size_t worker) noexcept;

  /// Run by the worker `worker` itself: runs tasks until `done` is set.
  void help_until(event& done, std::size_t worker) noexcept;
  void set(event& done) noexcept;

 private:
  struct sleepers {
    std::condition_variable wake_up;
    std::size_t count = 0;
  };
  struct desk {
    task_list directed;
    std::atomic<std::size_t> directed_ready{0};
    scope_task_stack spawned;
    std::uint64_t base = 0;  // the stack's height when the innermost function began that runs inside a wait
    bool rung = false;       // a ring is under way
  };
  enum class takes { own, awaited, all };

  // mutex_ held
  task* take(std::size_t worker, takes which) noexcept;
  task* take_directed(desk& own) noexcept;
  scope_task* take_newest_part(desk& own, std::uint64_t above) noexcept;
  scope_task* take_oldest_part(std::size_t worker) noexcept;
  scope_task* counted_out(scope_task* part) noexcept;
  void wake_one(bool deep_ones_too) noexcept;  // something is ready that is directed to nobody
  void wake_next() noexcept;                   // the same, if there is something
  [[nodiscard]] bool all_are_deep(std::size_t besides) const noexcept;
  [[nodiscard]] bool has_more() const noexcept;
  void sleep(std::unique_lock<std::mutex>& lock, sleepers& in, takes which, vain_looks& unpublished) noexcept;

  pool_core& owner_;
  std::vector<injector_cell> cells_;
  injector shared_;
  std::mutex mutex_;
  sleepers idle_;
  sleepers helpers_;
  sleepers deep_;
  sleepers full_;                       // near the end of their stacks
  std::atomic<std::size_t> asleep_{0};  // in all four; changed under the mutex
  bool closed_ = false;
  scope_task_stack foreign_;  // parts
  std::size_t parts_ = 0;     // on all stacks
  std::size_t rings_ = 0;     // under way
  std::size_t next_ring_ = 0;
  std::vector<desk> desks_;
  std::atomic<std::size_t> directed_ready_{0};
};

}  // namespace pinfold::detail
