#include <pinfold/detail/event.hpp>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/thread_context.hpp>

namespace pinfold::detail {

event::event() noexcept
    : pool_(this_thread.role == thread_role::worker ? this_thread.pool : nullptr), index_(this_thread.index) {}

void event::set() noexcept {
  if (pool_ != nullptr) {
    pool_->set(*this, index_);
    return;
  }
  const std::lock_guard lock(mutex_);
  is_set.store(true, std::memory_order_relaxed);
  changed_.notify_one();
}

void event::wait() noexcept {
  if (pool_ != nullptr) {
    pool_->await(*this, index_);
    return;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_set.load(std::memory_order_relaxed); });
}

}  // namespace pinfold::detail
