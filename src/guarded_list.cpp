#include <pinfold/detail/guarded_list.hpp>

namespace pinfold::detail {

void guarded_list::push(task& item) noexcept {
  const std::lock_guard lock(mutex_);
  tasks_.push(item);
  count_.fetch_add(1);
  if (item.is_awaited()) awaited_.fetch_add(1);
}

task* guarded_list::pop_locked(bool awaited_only) noexcept {
  task* const item = awaited_only ? tasks_.pop_awaited() : tasks_.pop();
  if (item == nullptr) return nullptr;
  count_.fetch_sub(1);
  if (item->is_awaited()) awaited_.fetch_sub(1);
  return item;
}

}  // namespace pinfold::detail
