#include <pinfold/detail/turn.hpp>

#include <utility>

namespace pinfold::detail {

bool turn::try_take() noexcept {
  const std::lock_guard lock(mutex_);
  return !std::exchange(taken_, true);
}

bool turn::take_until(deadline limit) noexcept {
  std::unique_lock lock(mutex_);
  if (!std::exchange(taken_, true)) return true;
  waiter self;
  waiter** link = &waiters_;
  while (*link != nullptr) link = &(*link)->next;
  *link = &self;
  if (wait_until(self.changed, lock, limit, [&] { return self.has_turn; })) return true;
  for (link = &waiters_; *link != &self; link = &(*link)->next) {
  }
  *link = self.next;
  return false;
}

// Notified under the mutex: the waiter's condition variable is gone once he has it.
void turn::give_back() noexcept {
  const std::lock_guard lock(mutex_);
  if (waiters_ == nullptr) {
    taken_ = false;
    return;
  }
  waiter& first = *std::exchange(waiters_, waiters_->next);
  first.has_turn = true;
  first.changed.notify_one();
}

}  // namespace pinfold::detail
