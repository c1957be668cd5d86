#include <pinfold/detail/tracked_list.hpp>

#include <mutex>

#include <pinfold/detail/tracked_coroutine.hpp>

namespace pinfold::detail {

tracked_coroutine*& tracked_list::head_of(const tracked_coroutine& member) noexcept {
  return member.asked_ ? asked_ : unasked_;
}

void tracked_list::link(tracked_coroutine& item) noexcept {
  tracked_coroutine*& head = head_of(item);
  item.previous_ = nullptr;
  item.next_ = head;
  if (head != nullptr) head->previous_ = &item;
  head = &item;
}

void tracked_list::unlink(tracked_coroutine& item) noexcept {
  (item.previous_ != nullptr ? item.previous_->next_ : head_of(item)) = item.next_;
  if (item.next_ != nullptr) item.next_->previous_ = item.previous_;
}

// One at a time and without the mutex, which the emission needs.
void tracked_list::request_stop() noexcept {
  for (;;) {
    tracked_coroutine* next = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (unasked_ == nullptr) return;
      next = unasked_;
      unlink(*next);
      next->asked_ = true;
      link(*next);
      next->retain();
    }
    next->request_stop();
    next->release();
  }
}

}  // namespace pinfold::detail
