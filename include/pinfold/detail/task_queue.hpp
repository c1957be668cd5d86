// The tasks that wait for a pool's workers: one shared FIFO, and one FIFO for each worker.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include <pinfold/detail/task.hpp>
#include <pinfold/pool_spec.hpp>

namespace pinfold::detail {

class event;
class pool_core;

/// Everything is guarded by `mutex_`; the counts of what is ready are hints that let spinning workers look without it.
///
/// A sleeper is a worker with nothing to do, a helper (a worker inside a wait, which may run any task), or a worker
/// deep in waits: each task that runs inside a wait takes stack, so once half of that is used a worker takes only tasks
/// that somebody waits for, which is what keeps pools that wait for each other going, and any when all workers wait
/// like that; near the end of its stack it takes none. A push wakes one idle worker, or, when none sleeps, one helper,
/// or, for an awaited task or when all are deep, one deep in waits. One wake-up may stand for several pushes, because a
/// sleeper counts as asleep until it runs again: so who was woken and finds more than it takes wakes the next. A helper
/// that leaves owes nothing: set() wakes all of them, and each looks at the queue. tests/model/task_queue.pml is this
/// protocol for the model checker. Made at the first start and never destroyed: who pushes may still hold the mutex
/// when the last worker leaves.
class task_queue {
 public:
  task_queue(pool_core& owner, std::size_t workers) : owner_(owner), directed_(workers) {}

  void push(task& item) noexcept;
  void push_to(std::size_t worker, task& item) noexcept;

  /// What is directed to this worker, else from the shared queue; nullptr when there is neither.
  [[nodiscard]] task* try_pop(std::size_t worker) noexcept;
  [[nodiscard]] task* try_pop_directed(std::size_t worker) noexcept;
  /// For some worker, or for all; as the calling thread's last push or pop left it, or newer.
  [[nodiscard]] bool has_directed() const noexcept { return directed_ready_.load(std::memory_order_relaxed) != 0; }
  [[nodiscard]] bool has_shared() const noexcept { return shared_ready_.load(std::memory_order_relaxed) != 0; }

  /// As try_pop, but waits as `idle` says; nullptr once close() was called and nothing is left.
  [[nodiscard]] task* pop(std::size_t worker, idle_strategy idle, std::uint32_t spin_us) noexcept;

  /// open() before the first pop of a run; close() ends every pop().
  void open() noexcept;
  void close() noexcept;

  /// Run by the worker `worker` itself: runs tasks until `done` is set. `shared`: any of the pool's, else only those
  /// directed to this worker.
  void help_until(event& done, std::size_t worker, bool shared) noexcept;
  void set(event& done) noexcept;

 private:
  struct sleepers {
    std::condition_variable wake_up;
    std::size_t count = 0;
  };
  struct mailbox {
    task_list tasks;
    std::atomic<std::size_t> ready{0};
  };
  enum class takes { directed, awaited, all };

  task* take(std::size_t worker, takes which) noexcept;  // mutex_ held
  void wake_one() noexcept;                              // mutex_ held, a shared task is ready
  static void sleep(std::unique_lock<std::mutex>& lock, sleepers& in);
  void spin(std::size_t worker, idle_strategy idle, std::uint32_t spin_us) const noexcept;

  pool_core& owner_;
  std::mutex mutex_;
  sleepers idle_;
  sleepers helpers_;
  sleepers deep_;
  bool closed_ = false;
  task_list shared_;
  std::size_t awaited_ = 0;  // of those in shared_
  std::vector<mailbox> directed_;
  std::atomic<std::size_t> shared_ready_{0};
  std::atomic<std::size_t> directed_ready_{0};
  std::atomic<bool> closing_{false};
};

}  // namespace pinfold::detail
