// What asio and tbb pools share: another library owns the loop, and pinfold's own queue feeds it.
#pragma once

#include <cstddef>

#include <pinfold/detail/lazy.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/task_queue.hpp>

namespace pinfold::detail {

/// The queue holds what is directed to a worker and the parts of scopes; a tbb pool's also what is posted (see
/// asio_pool_core for where that goes in asio pools). The library gets "rings" for it, so that a worker that waits
/// inside a task can serve the queue too. A ring may find nothing, since a waiting worker may have been there before.
/// Tasks of scopes have rings of their own, see task_queue.
class queued_pool_core : public pool_core {
 public:
  constexpr queued_pool_core(const pool_spec& spec, const pool_memory& memory) noexcept : pool_core(spec, memory) {}

  void await(event& done, std::size_t index) noexcept override;
  void set(event& done, std::size_t index) noexcept override;
  void spawn_part(scope_task& item) override;

 protected:
  ~queued_pool_core() = default;

  [[nodiscard]] task_queue& queue() noexcept { return *queue_; }

  /// Makes worker `index` look at what is directed to it soon; where the kind cannot choose the thread, some worker.
  /// The work is queued already and cannot be taken back: who calls it goes through ring_or_die().
  virtual void ring(std::size_t index) = 0;
  /// Makes some worker that serves what worker `index` does answer_part_ring(index) soon.
  virtual void ring_for_part(std::size_t index) = 0;

  void answer_part_ring(std::size_t rung) noexcept;
  /// Where others have tasks directed to them, a ring reached the wrong thread: it is passed on, and this thread steps
  /// aside for a moment so that another one takes it.
  void pass_on_ring(std::size_t index) noexcept;
  /// Where memory for the ring is out, the process ends with a message.
  template <class Ring>
  void or_die(const Ring& ring) const noexcept {
    try {
      ring();
    } catch (...) {
      die_without_memory();
    }
  }
  void ring_or_die(std::size_t index) noexcept;
  void ring_for_part_or_die(std::size_t index) noexcept;

  void direct(task& item, std::size_t worker) noexcept override;
  /// The kinds' open() begins with it. `cells`: see task_queue.
  void open_queue(std::size_t cells);

 private:
  [[noreturn]] void die_without_memory() const noexcept;

  lazy<task_queue> queue_;
  bool has_queue_ = false;
};

}  // namespace pinfold::detail
