// The handle of a thread that a native pool spawned.
#pragma once

#include <atomic>
#include <memory>
#include <stdexcept>
#include <utility>

#include <pinfold/detail/call_site.hpp>
#include <pinfold/detail/crossing.hpp>
#include <pinfold/native/detail/managed_state.hpp>
#include <pinfold/native/detail/native_pool_core.hpp>

namespace pinfold {

/// Movable; like std::jthread it asks for a stop and joins on destruction, which blocks; on the thread itself, which
/// would wait for its own end, that ends the process with a message. One thread at a time may use it.
template <class R>
class managed_thread {
 public:
  /// For pinfold itself.
  managed_thread(detail::native_pool_core& pool, std::shared_ptr<detail::managed_outcome<R>> state)
      : pool_(&pool), state_(std::move(state)) {}
  /// The other is not joinable() any more.
  managed_thread(managed_thread&&) noexcept = default;
  /// Asks for a stop and joins first, as the destructor does, which blocks; the other is not joinable() any more.
  managed_thread& operator=(managed_thread&& other) noexcept {
    if (this == &other) return *this;
    abandon();
    pool_ = other.pool_;
    state_ = std::move(other.state_);
    return *this;
  }
  ~managed_thread() { abandon(); }

  /// join() has not been called, and this handle was not moved from.
  [[nodiscard]] bool joinable() const noexcept { return state_ != nullptr; }

  /// The function has ended, and the thread's core and place are free again. Does not block.
  [[nodiscard]] bool is_finished() const noexcept {
    return state_ == nullptr || state_->finished.load(std::memory_order_acquire);
  }

  /// Blocks until the thread has ended; returns what its function returned, or rethrows. A worker of a tbb or native
  /// pool runs its own pool's tasks while it waits. Throws std::logic_error when not joinable(), would_block on a
  /// thread of an asio pool and on the thread itself, pool_stopped in a forked child that does not have the thread.
  R join(detail::call_site site = detail::call_site::current()) {
    if (state_ == nullptr) {
      throw std::logic_error("managed_thread::join(): this handle has no thread; it was joined or moved from");
    }
    pool_->require_may_join(*state_);
    detail::look_at_locks(*pool_, "managed_thread::join", site);
    const auto state = std::exchange(state_, nullptr);
    pool_->join(*state);
    if (!state->finished.load(std::memory_order_acquire)) pool_->refuse();  // it ends in the parent of this process
    return state->result.get();
  }

  /// Asks a function that took a std::stop_token to end.
  void request_stop() noexcept {
    if (state_ != nullptr) state_->request_stop();
  }

 private:
  // An exception that nobody asked for is not lost: it is printed.
  void abandon() noexcept {
    if (state_ == nullptr) return;
    pool_->end_process_if_called_by(*state_);
    state_->request_stop();
    pool_->join(*state_);
    if (state_->result.error()) pool_->report_unclaimed(*state_, state_->result.error());
    state_ = nullptr;
  }

  detail::native_pool_core* pool_;
  std::shared_ptr<detail::managed_outcome<R>> state_;
};

}  // namespace pinfold
