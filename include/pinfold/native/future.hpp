// The result of a spawned function, for whoever wants it, wherever and whenever.
#pragma once

#include <boost/asio/async_result.hpp>
#include <concepts>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <pinfold/detail/call_site.hpp>
#include <pinfold/detail/completion.hpp>
#include <pinfold/detail/crossing.hpp>
#include <pinfold/native/detail/future_operation.hpp>
#include <pinfold/native/detail/future_state.hpp>
#include <pinfold/native/detail/spawned_call.hpp>

namespace pinfold {

/// Movable; may outlive the scope, the task and the run of the topology that it came from. One thread at a time may use
/// it. Destroyed without get() it lets the task go on; an exception that nobody asked for is printed.
template <class R>
class [[nodiscard]] future {
 public:
  /// For pinfold itself.
  explicit future(detail::future_state<R>& state) noexcept : state_(&state) {}
  /// The other is not valid() any more.
  future(future&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  /// Drops its task first, as the destructor does; the other is not valid() any more.
  future& operator=(future&& other) noexcept {
    if (this == &other) return *this;
    drop();
    state_ = std::exchange(other.state_, nullptr);
    return *this;
  }
  ~future() { drop(); }

  /// Neither get() nor async_get() was called, and it was not moved from.
  [[nodiscard]] bool valid() const noexcept { return state_ != nullptr; }

  /// get() would not wait. Does not block.
  [[nodiscard]] bool ready() const {
    require_valid("ready");
    return state_->has_ended();
  }

  /// Waits for the function and returns its value or rethrows; a worker of a tbb or native pool runs its own pool's
  /// tasks meanwhile: do not wait for what a function further down on the same stack must do first. Once. Does not
  /// allocate. Throws would_block on a thread of an asio pool, std::logic_error when not valid().
  R get(detail::call_site site = detail::call_site::current()) {
    require_valid("get");
    detail::look_at_locks(state_->pool(), "future::get", site);
    if (!state_->has_ended()) {
      state_->pool().require_may_wait("future::get");
      detail::blocking_waiter self;
      if (state_->wait_by(self)) self.ended.wait();
    }
    detail::outcome<R> result = state_->take();
    drop();
    return result.get();
  }

  /// Asio asynchronous operation: completes with (std::exception_ptr, R), or (std::exception_ptr) for void, on the
  /// handler's associated executor, else on the pool. Once. Does not block; memory as for async_invoke(). Throws
  /// std::logic_error when not valid(), and where the function has ended already what the executor throws
  /// (pool_stopped, if it is of a pool that does not run).
  template <class CompletionToken>
  auto async_get(CompletionToken&& token, detail::call_site site = detail::call_site::current()) {
    require_valid("async_get");
    return boost::asio::async_initiate<CompletionToken, typename detail::completion_signature<R>::type>(
        [site](auto handler, future taken) {
          detail::look_at_locks(taken.state_->pool(), "future::async_get", site);
          detail::future_operation<R, decltype(handler)>::start(taken.state_, std::move(handler));
        },
        token, std::move(*this));
  }

 private:
  void require_valid(const char* function) const {
    if (state_ != nullptr) return;
    throw std::logic_error(std::string("pinfold::future::") + function +
                           "(): it has no task: get() or async_get() was called, or it was moved from");
  }

  void drop() noexcept {
    if (state_ != nullptr) std::exchange(state_, nullptr)->release();
  }

  detail::future_state<R>* state_;
};

namespace detail {

/// Throws pool_stopped, and what copying `f` throws.
template <class F>
auto spawn_future_in(native_pool_core& pool, F&& f) {
  using function = std::decay_t<F>;
  using result = std::invoke_result_t<function>;
  using body = future_body<result, function>;
  auto& state = future_state<result>::make(pool);
  future<result> handle(state);
  try {
    body item{.state = &state, .f = std::forward<F>(f)};
    if (native_worker* const worker = pool.worker_here()) {
      spawn_counted<spawn_order::lifo>(*worker, std::move(item));
    } else {
      using counted = counted_body<told::before, body>;
      inject(pool, counted{.pool = &pool, .body = std::move(item)});
    }
  } catch (...) {
    state.release();  // the task's part
    throw;
  }
  return handle;
}

}  // namespace detail

/// Spawns `f` as spawn() does and returns its future, which may leave the task, the scope and the pool. Takes a slot of
/// the pool's slab for what both share, or the heap where none is left. Throws outside_pool on a thread that is no
/// worker of a native pool: there, use the pool's spawn_future().
template <class F>
  requires std::invocable<std::decay_t<F>>
auto spawn_future(F&& f) {
  return detail::spawn_future_in(*detail::require_worker("spawn_future").pool(), std::forward<F>(f));
}

}  // namespace pinfold
