#include <pinfold/native/detail/fifo_shelf.hpp>

#include <utility>

namespace pinfold::detail {

void fifo_shelf::push(entry& item) noexcept {
  const std::lock_guard lock(mutex_);
  item.next = nullptr;
  if (first_ == nullptr) {
    first_ = &item;
  } else {
    last_->next = &item;
  }
  last_ = &item;
}

fifo_shelf::entry& fifo_shelf::pop(const void* scope) noexcept {
  const std::lock_guard lock(mutex_);
  entry* before = nullptr;
  entry* item = first_;
  while (item->scope != scope) before = std::exchange(item, static_cast<entry*>(item->next));
  auto* const next = static_cast<entry*>(item->next);
  if (before == nullptr) {
    first_ = next;
  } else {
    before->next = next;
  }
  if (last_ == item) last_ = before;
  return *item;
}

}  // namespace pinfold::detail
