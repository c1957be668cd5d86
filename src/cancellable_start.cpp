#include <pinfold/detail/cancellable_start.hpp>

#include <new>

#include <pinfold/detail/operation_aborted.hpp>
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

bool start_ticket::change(state from, state to) noexcept {
  return state_.compare_exchange_strong(from, to, std::memory_order_acq_rel, std::memory_order_relaxed);
}

void start_ticket::run_ticket(task& item) noexcept {
  auto& self = static_cast<start_ticket&>(item);
  pool_core& pool = self.pool_;
  if (self.change(state::waiting, state::begun)) self.operation_.begin(&self);
  self.release();
  pool.finished();
}

// A ticket that waits is accepted work: the pool cannot have stopped, and held it does not stop before the completion
// has been handed over, though the ticket may leave the queue meanwhile. The handler may end the ticket's life.
// Before the start nothing has happened yet, so every type of cancellation can be had; after it `total`, which promises
// that there are no effects, cannot.
void start_ticket::cancel(boost::asio::cancellation_type type) noexcept {
  using types = boost::asio::cancellation_type;
  if (type == types::none) return;
  if (state_.load(std::memory_order_relaxed) == state::waiting && abort_if_waiting()) return;
  if ((type & (types::terminal | types::partial)) == types::none) return;
  if (change(state::begun, state::cancelled)) cancellation_.cancel();
}

bool start_ticket::abort_if_waiting() noexcept {
  pool_core& pool = pool_;
  pool.gate().enter_part(0, holding::yes);
  const bool is_mine = change(state::waiting, state::aborted);
  if (is_mine) {
    const acts_as_accepted_work as_work(pool.topology());
    operation_.abort(operation_aborted());
  }
  pool.gate().let_go();
  return is_mine;
}

}  // namespace pinfold::detail
