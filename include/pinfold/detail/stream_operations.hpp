// The asynchronous operations of a stream.
#pragma once

#include <boost/asio/cancellation_type.hpp>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

#include <pinfold/detail/async_operation.hpp>
#include <pinfold/detail/shared_ref.hpp>
#include <pinfold/detail/stream_core.hpp>
#include <pinfold/errors.hpp>

namespace pinfold::detail {

template <class R>
struct result_slot : stream_slot {
  std::optional<R> result;
};

/// What a cancellation slot holds. It may be called when its operation is long over, so it keeps the stream's state.
class next_canceller {
 public:
  next_canceller(stream_core& core, std::uint64_t ticket) noexcept
      : core_(shared_ref<stream_core>::another(core)), ticket_(ticket) {}

  /// A result is taken in the step that ends the wait: a wait that is cancelled loses none, whatever the type.
  void operator()(boost::asio::cancellation_type type) noexcept {
    if (type != boost::asio::cancellation_type::none) core_->cancel_next(ticket_);
  }

 private:
  shared_ref<stream_core> core_;
  std::uint64_t ticket_;
};

/// Base of both. Life: made by the initiating call; registered with the stream, or answered in that call; on its way to
/// the handler's executor.
template <class Operation, class R, class Handler, class Waiter>
class stream_operation : public async_operation<Operation, R, Handler>, public Waiter {
 protected:
  // NOLINTNEXTLINE(bugprone-crtp-constructor-accessibility): GCC warns of a class with virtual functions and friends
  stream_operation(pool_core& pool, Handler&& handler)
      : async_operation<Operation, R, Handler>(nullptr, pool, std::move(handler)) {}
  ~stream_operation() = default;

 private:
  // Any thread, at any time. A handler that is called right here, on a thread of somebody else's, may stop the
  // topology: that must not wait for this call.
  void complete(bool now) noexcept final {
    using to_handler = async_operation<Operation, R, Handler>;
    pool_core& pool = this->pool();
    const bool may_be_called_outside = now && this_thread.pool == nullptr && !this->goes_to_a_pool();
    try {
      if (may_be_called_outside) {
        to_handler::complete(now);
      } else {
        to_handler::complete_counted(now);
      }
    } catch (const pool_stopped&) {
      // While the topology drains, a refusal ends the handler, as it ends those that wait for I/O.
      if (pool.gate().is_open()) pool.report_unclaimed(std::current_exception());
    } catch (...) {
      pool.report_unclaimed(std::current_exception());
    }
  }
};

template <class R, class Handler>
class next_operation final
    : public stream_operation<next_operation<R, Handler>, std::optional<R>, Handler, next_waiter> {
  using base = stream_operation<next_operation, std::optional<R>, Handler, next_waiter>;
  using to_handler = async_operation<next_operation, std::optional<R>, Handler>;

 public:
  /// Throws what the handler's move and its executor throw.
  static void start(stream_core& core, Handler&& handler) {
    next_operation& self = to_handler::make(core.pool(), std::move(handler));
    self.make_cancellable([&](auto& slot) {
      self.ticket = core.new_ticket();
      slot.template emplace<next_canceller>(core, self.ticket);
    });
    if (core.begin_next(self)) self.to_handler::complete(false);
  }

  next_operation(pool_core& pool, Handler&& handler) : base(pool, std::move(handler)) {}

 private:
  void take(stream_slot& slot) noexcept override {
    auto& from = static_cast<result_slot<R>&>(slot).result;
    this->result().run([&] { return std::optional<R>(std::move(from)); });
    from.reset();
  }

  void end(std::exception_ptr error) noexcept override {
    if (error) {
      this->result().fail(std::move(error));
    } else {
      this->result().run([] { return std::optional<R>(); });
    }
  }
};

template <class Handler>
class drain_operation final : public stream_operation<drain_operation<Handler>, void, Handler, rest_waiter> {
  using base = stream_operation<drain_operation, void, Handler, rest_waiter>;
  using to_handler = async_operation<drain_operation, void, Handler>;

 public:
  static void start(stream_core& core, Handler&& handler) {
    drain_operation& self = to_handler::make(core.pool(), std::move(handler));
    if (core.begin_drain(self)) self.to_handler::complete(false);
  }

  drain_operation(pool_core& pool, Handler&& handler) : base(pool, std::move(handler)) {}
};

}  // namespace pinfold::detail
