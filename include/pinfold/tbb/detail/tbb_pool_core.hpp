// The compiled part of a tbb pool.
#pragma once

#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>
#include <atomic>
#include <boost/asio/execution_context.hpp>
#include <chrono>
#include <cstddef>
#include <optional>

#include <pinfold/detail/queued_pool_core.hpp>
#include <pinfold/tbb/detail/serial_strays.hpp>

namespace pinfold::detail {

/// How the workers stay: each calls arena.execute and waits there on a task_group that a deferred task_handle keeps
/// open. While they wait they take part in whatever TBB schedules in the arena. Destroying the handle lets them go;
/// running it from outside would run it in the wrong arena and leave them for ever.
///
/// How TBB's own threads stay out: every slot is reserved for threads that come by themselves. An arena of one slot
/// would get a second one, for a thread of TBB's, so the least is two.
///
/// TBB lets a thread steal only while its stack pointer is above (lowest address + half of TBB's own stack size, 4 MiB
/// unless configured), whatever the size of the thread's stack: with 2 MiB it would never steal, and parallel work stay
/// on one thread. So the stacks are that half larger than `stack_kib`.
///
/// How work comes in: a task goes into the pool's queue, and `arena.enqueue` rings for it. A worker inside a wait does
/// not take enqueued TBB tasks, but it can take from the queue; so the ring may find nothing, and does nothing then.
/// A ring costs more than all the rest, so there are no more of them than workers: who answers one runs task after task
/// until the queue is empty (after some he rings again, for TBB's own tasks to have their turn).
/// `unanswered_` counts rings that nobody has begun to answer. Who hands a task over pushes it and then looks whether
/// there are as many as workers; who answers takes his off the count and then looks into the queue. If the former finds
/// them all unanswered, each answer still comes after the push: whoever is not held up by an earlier task finds this
/// one, unless another did. If not, he rings.
/// `rings_` counts rings until their answers have ended: the arena is not left before the last.
///
/// A ring, through TBB, costs microseconds. So the worker who answers the only ring there is looks on at the queue
/// after it has found it empty, as long as `idle` says, and says so in `looking_`. Who hands a task over pushes it and
/// then looks at `looking_`: a task that somebody looks for needs no ring. The looker clears it and then looks at the
/// queue once more, all with seq_cst operations, so one of the two sees the other. Inside its answer it takes no part
/// in TBB's work, so it looks only as long as there can be none that is the pool's: it leaves as soon as there is
/// another ring, which a worker has that runs a task, and after some time it rings for itself and gives TBB its turn:
/// for what was enqueued, and what the worker has spawned itself; its ring comes before anything to steal.
/// Work that users bring to the arena themselves is none that it could know of: once arena() was called nobody looks
/// on. Two whose answers end together must not both leave the looking to the other: who leaves for another ring takes
/// its own off the count only while there is another. tests/model/rings.pml is all this for the model checker.
class tbb_pool_core final : public queued_pool_core {
 public:
  constexpr tbb_pool_core(const pool_spec& spec, const pool_memory& memory) noexcept : queued_pool_core(spec, memory) {}

  [[nodiscard]] oneapi::tbb::task_arena& arena();

  [[nodiscard]] boost::asio::execution_context& execution_context(std::size_t) override;
  [[nodiscard]] std::size_t stack_bytes() const noexcept override;
  void work(thread_role role, std::size_t index) override;
  void release() noexcept override;

 protected:
  void open() override;
  void close() noexcept override;
  void enqueue(task& item, std::size_t context) override;
  void ring(std::size_t index) override;
  void ring_for_part(std::size_t index) override;

 private:
  struct served_arena {
    explicit served_arena(int slots) : arena(slots, static_cast<unsigned>(slots)) {}

    std::optional<serial_strays> strays;
    oneapi::tbb::task_arena arena;
    oneapi::tbb::task_group residents;
    oneapi::tbb::task_handle stay;
    boost::asio::execution_context context;
  };

  using clock = std::chrono::steady_clock;
  enum class served { nothing, tasks, a_turn };

  void send_ring(clock::time_point look_until);
  void ring_again(clock::time_point look_until) noexcept;
  void ring_if_needed() noexcept;
  void ring_for_others() noexcept;
  template <class PassOn>
  [[nodiscard]] bool is_for_this_thread(const PassOn& pass_on) noexcept;
  void ring_for_the_first_look() noexcept;
  void serve_and_look(clock::time_point look_until) noexcept;
  [[nodiscard]] served serve_turn() noexcept;
  [[nodiscard]] bool may_look() const noexcept;
  [[nodiscard]] bool look_for_tasks(clock::time_point end) noexcept;
  [[nodiscard]] clock::time_point end_of_patience() const noexcept;
  void end_ring() noexcept;
  [[nodiscard]] bool end_ring_beside_another() noexcept;

  lazy<served_arena> served_;
  std::atomic<std::size_t> rings_{0};
  std::atomic<std::size_t> unanswered_{0};
  std::atomic<bool> looking_{false};
  std::atomic<bool> closing_{false};
  std::atomic<bool> arena_is_shared_{false};  // arena() was called in this run
};

}  // namespace pinfold::detail
