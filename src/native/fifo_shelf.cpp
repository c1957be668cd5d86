#include <pinfold/native/detail/fifo_shelf.hpp>

namespace pinfold::detail {

void fifo_shelf::push(entry& item) noexcept {
  const std::lock_guard lock(mutex_);
  entries_.push(item);
}

fifo_shelf::entry& fifo_shelf::pop(const void* scope) noexcept {
  const auto is_of_scope = [scope](const task& item) { return static_cast<const entry&>(item).scope == scope; };
  const std::lock_guard lock(mutex_);
  return static_cast<entry&>(*entries_.pop_first(is_of_scope));
}

}  // namespace pinfold::detail
