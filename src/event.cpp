#include <pinfold/detail/event.hpp>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/task_queue.hpp>
#include <pinfold/detail/thread_context.hpp>

namespace pinfold::detail {

constinit thread_local thread_context this_thread;

event::event() noexcept : queue_(this_thread.role == thread_role::worker ? &this_thread.pool->queue() : nullptr) {}

void event::set() noexcept {
  if (queue_ != nullptr) {
    queue_->set(*this);
    return;
  }
  const std::lock_guard lock(mutex_);
  set_ = true;
  changed_.notify_one();
}

void event::wait() noexcept {
  if (queue_ != nullptr) {
    queue_->help_until(*this, this_thread.index, this_thread.pool->helps_while_waiting());
    return;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return set_; });
}

}  // namespace pinfold::detail
