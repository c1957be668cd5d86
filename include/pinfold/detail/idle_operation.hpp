// The asynchronous wait until a pool or a topology is idle.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <cstdint>
#include <exception>
#include <utility>

#include <pinfold/detail/async_operation.hpp>
#include <pinfold/detail/idle_waiters.hpp>
#include <pinfold/detail/operation_aborted.hpp>
#include <pinfold/detail/pool_core.hpp>

namespace pinfold::detail {

/// Whose idleness is waited for.
enum class idle_scope : bool { pool, topology };

/// What a cancellation slot holds: it may outlive the operation. Nothing has happened yet, so every type of
/// cancellation can be had.
class idle_canceller {
 public:
  idle_canceller(idle_waiters& waiters, std::uint64_t number) noexcept : waiters_(waiters), number_(number) {}

  // The call may end this object's life.
  void operator()(boost::asio::cancellation_type type) noexcept {
    idle_waiters& waiters = waiters_;
    if (type != boost::asio::cancellation_type::none) waiters.cancel(number_);
  }

 private:
  idle_waiters& waiters_;
  std::uint64_t number_;
};

/// Life: made by the initiating call; on the list of waiters, unless everything is idle for good; as a task in its
/// pool's queue; on its way to the handler's executor.
template <class Handler>
class idle_operation final : public async_operation<idle_operation<Handler>, void, Handler>, idle_waiter {
  using base = async_operation<idle_operation, void, Handler>;

 public:
  /// `waiters`: nullptr where the pool has never run. Throws what the handler's move or executor throws.
  static void start(pool_core& pool, idle_waiters* waiters, idle_scope scope, Handler&& handler) {
    idle_operation& self = base::make(pool, std::move(handler), scope);
    if (waiters != nullptr) {
      self.make_cancellable([&](auto& slot) {
        self.number = waiters->new_number();
        slot.template emplace<idle_canceller>(*waiters, self.number);
      });
      if (waiters->add(self)) return;
    }
    self.complete(false);
  }

  idle_operation(pool_core& pool, Handler&& handler, idle_scope scope)
      : base(&run_due, pool, std::move(handler)),
        idle_waiter{
            .pool = pool, .for_topology = scope == idle_scope::topology, .completion = *this, .abort = &abort_waiter} {}

 private:
  static void run_due(task& item) noexcept {
    auto& self = static_cast<idle_operation&>(item);
    pool_core& pool = self.base::pool();
    self.complete_or_report(true);
    pool.finished();
  }

  static void abort_waiter(idle_waiter& waiter) noexcept {
    auto& self = static_cast<idle_operation&>(waiter);
    self.result().fail(operation_aborted());
    self.complete_or_report(false);
  }
};

/// Any token; completes with (std::exception_ptr).
template <class CompletionToken>
auto async_wait_idle_in(pool_core& pool, idle_waiters* waiters, idle_scope scope, CompletionToken&& token) {
  return boost::asio::async_initiate<CompletionToken, void(std::exception_ptr)>(
      [&pool, waiters, scope](auto handler) {
        idle_operation<decltype(handler)>::start(pool, waiters, scope, std::move(handler));
      },
      token);
}

}  // namespace pinfold::detail
