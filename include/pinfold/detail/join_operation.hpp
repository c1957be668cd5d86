// The asynchronous wait for a tracked coroutine.
#pragma once

#include <boost/asio/cancellation_type.hpp>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include <pinfold/detail/async_operation.hpp>
#include <pinfold/detail/async_task_state.hpp>
#include <pinfold/detail/end_notice.hpp>
#include <pinfold/detail/operation_aborted.hpp>
#include <pinfold/detail/shared_ref.hpp>

namespace pinfold::detail {

/// Life: registered with the coroutine -> woken by its end, or taken out by its own cancellation; whichever does it has
/// the operation to itself and hands it to the handler's executor.
template <class R, class Handler>
class join_operation final : public async_operation<join_operation<R, Handler>, R, Handler>, end_waiter {
  using base = async_operation<join_operation, R, Handler>;
  using state = async_task_state<R>;

 public:
  static void start(const shared_ref<state>& joined, Handler&& handler) {
    join_operation& self = base::make(joined->pool(), std::move(handler), joined);
    self.make_cancellable([&](auto& slot) { slot.template emplace<canceller>(joined, self); });
    switch (joined->notice().wait_by(self)) {
      case end_notice::registration::waits:
        return;  // and may be gone
      case end_notice::registration::has_ended:
        self.take();
        break;
      case end_notice::registration::others_wait:
        self.refuse("another join of it is pending");
        break;
    }
    self.complete(false);
  }

  join_operation(pool_core& pool, Handler&& handler, const shared_ref<state>& joined)
      : base(nullptr, pool, std::move(handler)), end_waiter{.wake = &wake_operation}, joined_(joined) {}

 private:
  /// What the cancellation slot holds. It has a share of the coroutine's state, and looks at the operation only where
  /// that is registered there.
  class canceller {
   public:
    canceller(shared_ref<state> joined, join_operation& operation) noexcept
        : joined_(std::move(joined)), operation_(&operation) {}

    void operator()(boost::asio::cancellation_type type) {
      if (type != boost::asio::cancellation_type::none && joined_->notice().stop_waiting(*operation_)) {
        operation_->abort();
      }
    }

   private:
    shared_ref<state> joined_;
    join_operation* operation_;
  };

  static void wake_operation(end_waiter& waiter) noexcept {
    auto& self = static_cast<join_operation&>(waiter);
    self.take();
    self.complete_or_report(false, admission::of_part);
  }

  void take() noexcept {
    if (joined_->claim()) {
      this->result() = joined_->take();
    } else {
      refuse("its result was taken by an earlier join");
    }
  }

  void refuse(const char* reason) noexcept {
    using namespace std::string_literals;
    this->result().run([reason]() -> R { throw std::logic_error("pinfold::async_task::join(): "s + reason); });
  }

  void abort() {
    this->result().fail(operation_aborted());
    this->complete_counted(false);
  }

  shared_ref<state> joined_;
};

}  // namespace pinfold::detail
