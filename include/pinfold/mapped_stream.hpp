// What compute_map returns: results that are awaited one by one.
#pragma once

#include <boost/asio/async_result.hpp>
#include <exception>
#include <optional>
#include <utility>

#include <pinfold/async_stream.hpp>
#include <pinfold/detail/default_token.hpp>
#include <pinfold/detail/stream_core.hpp>
#include <pinfold/detail/stream_operations.hpp>
#include <pinfold/executor.hpp>

namespace pinfold {

/// A stream of R, movable. It has one consumer: one thread at a time, one async_next() at a time; cancel() may be
/// called by any thread. Destroying it, or assigning to it, is cancel(): an async_next() that waits then completes with
/// operation_aborted, and what has begun ends by itself, later. To wait for that: async_drain().
template <class R>
class [[nodiscard]] mapped_stream {
 public:
  /// What async_next() completes with.
  using value_type = R;
  /// Of get_executor(), as Asio's objects call it.
  using executor_type = executor;

  /// The other may only be destroyed or assigned to.
  mapped_stream(mapped_stream&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  /// cancel() of the stream that was here; the other may only be destroyed or assigned to.
  mapped_stream& operator=(mapped_stream&& other) noexcept {
    mapped_stream old(std::move(*this));
    core_ = std::exchange(other.core_, nullptr);
    return *this;
  }
  ~mapped_stream() {
    if (core_ != nullptr) core_->drop();
  }

  /// The pool's: where handlers run that have no executor of their own.
  [[nodiscard]] executor get_executor() const noexcept { return {core_->pool(), detail::pool_core::any_context}; }

  /// An Asio asynchronous operation: the next result. Completes with (std::exception_ptr, std::optional<R>) on the
  /// handler's associated executor: a result; or nothing, when the stream has ended; or an exception, once, and nothing
  /// ever after. (A result whose move throws is lost: its exception comes instead, and the stream goes on.) Without a
  /// token it is for coroutines: `while (auto result = co_await results.async_next())`. Begins the reads for which
  /// there is room, those of a range inside this call; does not wait for anything. Cancelled through the handler's slot
  /// it completes with operation_aborted: nothing is lost, the next call goes on. One at a time: a second call
  /// completes with asio::error::already_started. The state of the operation takes one of the pool's 1024 slots of 304
  /// bytes, or where none is free or it is larger, memory of the handler's associated allocator. Throws as
  /// async_invoke().
  template <class CompletionToken = detail::default_token>
  auto async_next(CompletionToken&& token = {}) {
    return boost::asio::async_initiate<CompletionToken, void(std::exception_ptr, std::optional<R>)>(
        [core = core_](auto handler) {
          detail::next_operation<R, decltype(handler)>::start(*core, std::move(handler));
        },
        token);
  }

  /// Ends the stream: no more is read, a read that waits is cancelled, items that have not begun are dropped, and so
  /// are results. What has begun is waited for, and then the pending or next async_next() completes with
  /// operation_aborted. Of a stream that has ended it does nothing. Does not block.
  void cancel() noexcept { core_->cancel(); }

  /// An Asio asynchronous operation: cancel(), and completes with (std::exception_ptr), always null, when nothing of
  /// the stream runs any more, as it completes at once after the end. Cannot be cancelled. Throws as async_next().
  template <class CompletionToken = detail::default_token>
  auto async_drain(CompletionToken&& token = {}) {
    return boost::asio::async_initiate<CompletionToken, void(std::exception_ptr)>(
        [core = core_](auto handler) { detail::drain_operation<decltype(handler)>::start(*core, std::move(handler)); },
        token);
  }

  /// For compute_map.
  /// @{
  explicit mapped_stream(detail::stream_core& core) noexcept : core_(&core) {}
  [[nodiscard]] detail::stream_core& core() const noexcept { return *core_; }
  /// @}

 private:
  detail::stream_core* core_;  // nullptr: moved from
};

static_assert(async_stream<mapped_stream<int>>);

}  // namespace pinfold
