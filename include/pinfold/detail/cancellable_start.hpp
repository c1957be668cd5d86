// Cancellation of an operation that waits in a pool's queue, or goes on after it has begun.
#pragma once

#include <atomic>
#include <boost/asio/cancellation_type.hpp>
#include <cstdint>
#include <exception>

#include <pinfold/cancellation.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/task.hpp>

namespace pinfold::detail {

class start_ticket;

/// An operation that either begins on a worker, once, or is aborted before that, once.
class startable {
 public:
  /// `ticket`: where it came from, if it can be cancelled.
  virtual void begin(start_ticket* ticket) noexcept = 0;
  /// Ends the operation with `error`, never by a call of the handler in here.
  virtual void abort(std::exception_ptr error) noexcept = 0;

 protected:
  ~startable() = default;
};

/// Lies in the queue in the operation's place, which so can end, and free its memory, before its turn comes.
/// States: waiting -> begun | aborted, by compare-exchange; who wins has the operation to himself. begun -> cancelled
/// touches nothing but the ticket, where an operation that goes on finds it. Two owners, the queue and the canceller in
/// the cancellation slot, and such an operation; the last one frees it. So a canceller that is left in the slot, or is
/// called while the operation runs, does no harm. acq_rel: what one owner did happens before the other frees; the
/// operation itself comes to the worker through the queue, and to the canceller through whatever lets one thread emit
/// the signal that another has connected.
class start_ticket final : public task {
 public:
  /// Throws std::bad_alloc.
  static start_ticket& make(pool_core& pool, startable& operation);

  /// What the cancellation slot holds.
  class canceller {
   public:
    explicit canceller(start_ticket& ticket) noexcept : ticket_(&ticket) {}
    canceller(const canceller&) = delete;
    canceller& operator=(const canceller&) = delete;
    ~canceller() { ticket_->release(); }

    void operator()(boost::asio::cancellation_type type) noexcept { ticket_->cancel(type); }

   private:
    start_ticket* ticket_;
  };

  /// A share of its own for an operation that has begun and goes on.
  void retain() noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
  /// Gives back that, or the queue's share, where the queue did not take it.
  void release() noexcept;

  /// By an operation that has begun. The source is set when it is to end early.
  [[nodiscard]] cancellation_source& cancellation() noexcept { return cancellation_; }
  [[nodiscard]] bool was_cancelled_after_start() const noexcept { return state_.load() == state::cancelled; }

 private:
  enum class state : std::uint8_t { waiting, begun, aborted, cancelled };

  start_ticket(pool_core& pool, startable& operation) noexcept
      : task(&run_ticket, task_kind::awaited), pool_(pool), operation_(operation) {}
  ~start_ticket() = default;

  static void run_ticket(task& item) noexcept;
  void cancel(boost::asio::cancellation_type type) noexcept;
  [[nodiscard]] bool abort_if_waiting() noexcept;
  [[nodiscard]] bool change(state from, state to) noexcept;

  pool_core& pool_;
  startable& operation_;
  std::atomic<state> state_{state::waiting};
  std::atomic<std::uint8_t> owners_{2};
  cancellation_source cancellation_;
};

}  // namespace pinfold::detail
