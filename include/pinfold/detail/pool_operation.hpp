// An Asio asynchronous operation that begins as a task of a pool.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <exception>
#include <utility>

#include <pinfold/detail/async_operation.hpp>
#include <pinfold/detail/cancellable_start.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/errors.hpp>

namespace pinfold::detail {

/// Life: made by the initiating call; in the pool's queue, itself or, where it can be cancelled, a start_ticket for it;
/// begun on a worker, or aborted before; on its way to the handler's executor. `Operation`, which derives from this,
/// says what it does when it begins.
/// Owned by one thread at a time until it begins: the queues order what their former did before what the next does.
template <class Operation, class R, class Handler>
class pool_operation : public async_operation<Operation, R, Handler>, protected startable {
  using base = async_operation<Operation, R, Handler>;

 public:
  /// `submit(task&)` hands a task to the pool; when it throws pool_stopped the operation completes with that, since an
  /// initiating function must not throw once it has the handler. Throws what the handler's executor throws then.
  template <class Submit, class... Arguments>
  static void start(pool_core& pool, Handler&& handler, const Submit& submit, Arguments&&... arguments) {
    pool_operation& self = base::make(pool, std::move(handler), std::forward<Arguments>(arguments)...);
    try {
      task& first = self.cancellable_task();
      try {
        submit(first);
      } catch (...) {
        self.take_back(first);
        throw;
      }
    } catch (const pool_stopped&) {
      self.result().fail(std::current_exception());
      self.complete(false);
    } catch (...) {
      self.destroy();
      throw;
    }
  }

 protected:
  // NOLINTNEXTLINE(bugprone-crtp-constructor-accessibility): GCC warns of a class with virtual functions and friends
  pool_operation(pool_core& pool, Handler&& handler) : base(&run_first, pool, std::move(handler)) {}
  ~pool_operation() = default;

  /// For who holds work of the pool.
  void hand_over(bool now) noexcept { this->complete_or_report(now, admission::of_part); }

 private:
  static void run_first(task& item) noexcept {
    auto& self = static_cast<pool_operation&>(item);
    pool_core& pool = self.pool();
    self.begin(nullptr);
    pool.finished();
  }

  void abort(std::exception_ptr error) noexcept override {
    this->result().fail(std::move(error));
    hand_over(false);
  }

  [[nodiscard]] task& cancellable_task() {
    auto slot = boost::asio::get_associated_cancellation_slot(this->handler());
    if (!slot.is_connected()) return *this;
    start_ticket& ticket = start_ticket::make(this->pool(), *this);
    try {
      slot.template emplace<start_ticket::canceller>(ticket);
    } catch (...) {
      ticket.release();
      ticket.release();
      throw;
    }
    return ticket;
  }

  void take_back(task& first) noexcept {
    if (&first == this) return;
    boost::asio::get_associated_cancellation_slot(this->handler()).clear();
    static_cast<start_ticket&>(first).release();
  }
};

}  // namespace pinfold::detail
