// The asynchronous wait for a tracked coroutine.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include <pinfold/detail/async_task_state.hpp>
#include <pinfold/detail/completion.hpp>

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
    try {
      auto slot = boost::asio::get_associated_cancellation_slot(self.handler());
      if (slot.is_connected()) slot.template emplace<canceller>(joined, self);
    } catch (...) {
      self.destroy();
      throw;
    }
    switch (joined->wait_by(self)) {
      case tracked_coroutine::registration::waits:
        return;  // and may be gone
      case tracked_coroutine::registration::has_ended:
        self.take();
        break;
      case tracked_coroutine::registration::others_wait:
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
      if (type != boost::asio::cancellation_type::none && joined_->stop_waiting(*operation_)) operation_->abort();
    }

   private:
    shared_ref<state> joined_;
    join_operation* operation_;
  };

  static void wake_operation(end_waiter& waiter) noexcept {
    auto& self = static_cast<join_operation&>(waiter);
    pool_core& pool = self.pool();
    try {
      self.take();
      self.complete(false, admission::of_part);
    } catch (...) {
      pool.report_escaped(std::current_exception());
    }
  }

  void take() {
    if (joined_->claim()) {
      this->result() = joined_->take();
    } else {
      refuse("its result was taken by an earlier join");
    }
  }

  void refuse(const char* reason) {
    using namespace std::string_literals;
    this->result().fail(std::make_exception_ptr(std::logic_error("pinfold::async_task::join(): "s + reason)));
  }

  void abort() {
    const boost::system::error_code aborted = boost::asio::error::operation_aborted;
    this->result().fail(std::make_exception_ptr(boost::system::system_error(aborted)));
    this->complete_counted(false);
  }

  shared_ref<state> joined_;
};

}  // namespace pinfold::detail
