#include <pinfold/detail/cancellable_start.hpp>

#include <new>

#include <pinfold/detail/thread_context.hpp>

namespace pinfold::detail {

start_ticket& start_ticket::make(pool_core& pool, startable& operation) {
  return *::new (pool.slab().allocate(sizeof(start_ticket), alignof(start_ticket))) start_ticket(pool, operation);
}

void start_ticket::release() noexcept {
  if (owners_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  pool_core& pool = pool_;
  this->~start_ticket();
  pool.slab().deallocate(this, sizeof(start_ticket), alignof(start_ticket));
}

bool start_ticket::leave_waiting(state next) noexcept {
  state expected = state::waiting;
  return state_.compare_exchange_strong(expected, next, std::memory_order_acq_rel, std::memory_order_relaxed);
}

void start_ticket::run_ticket(task& item) noexcept {
  auto& self = static_cast<start_ticket&>(item);
  pool_core& pool = self.pool_;
  if (self.leave_waiting(state::begun)) self.operation_.begin();
  self.release();
  pool.finished();
}

// A ticket that waits is accepted work: the pool cannot have stopped, and held it does not stop before the completion
// has been handed over, though the ticket may leave the queue meanwhile. The handler may end the ticket's life.
void start_ticket::cancel() noexcept {
  if (state_.load(std::memory_order_relaxed) != state::waiting) return;
  pool_core& pool = pool_;
  pool.gate().enter_part(0, holding::yes);
  if (leave_waiting(state::aborted)) {
    const acts_as_accepted_work as_work(pool.topology());
    const auto error = boost::system::error_code(boost::asio::error::operation_aborted);
    operation_.abort(std::make_exception_ptr(boost::system::system_error(error)));
  }
  pool.gate().let_go();
}

}  // namespace pinfold::detail
