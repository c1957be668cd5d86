// Cancellation of an operation that waits in a pool's queue.
#pragma once

#include <atomic>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cstdint>
#include <exception>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/task.hpp>

namespace pinfold::detail {

/// An operation that either begins on a worker, once, or is aborted before that, once.
class startable {
 public:
  virtual void begin() noexcept = 0;
  /// Ends the operation with `error`, never by a call of the handler in here.
  virtual void abort(std::exception_ptr error) noexcept = 0;

 protected:
  ~startable() = default;
};

/// Lies in the queue in the operation's place, which so can end, and free its memory, before its turn comes.
/// States: waiting -> begun | aborted, by compare-exchange; who wins has the operation to himself. Two owners, the
/// queue and the canceller in the cancellation slot; the last one frees it. So a canceller that is left in the slot, or
/// is called while the operation runs, does no harm. acq_rel: what one owner did happens before the other frees; the
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

    /// Nothing has happened yet, so every type of cancellation can be had.
    void operator()(boost::asio::cancellation_type type) noexcept {
      if (type != boost::asio::cancellation_type::none) ticket_->cancel();
    }

   private:
    start_ticket* ticket_;
  };

  /// In place of the queue's share, where the queue did not take it.
  void release() noexcept;

 private:
  enum class state : std::uint8_t { waiting, begun, aborted };

  start_ticket(pool_core& pool, startable& operation) noexcept
      : task(&run_ticket, true), pool_(pool), operation_(operation) {}
  ~start_ticket() = default;

  static void run_ticket(task& item) noexcept;
  void cancel() noexcept;
  [[nodiscard]] bool leave_waiting(state next) noexcept;

  pool_core& pool_;
  startable& operation_;
  std::atomic<state> state_{state::waiting};
  std::atomic<std::uint8_t> owners_{2};
};

}  // namespace pinfold::detail
