#include <pinfold/detail/thread_context.hpp>

namespace pinfold::detail {

constinit thread_local thread_context this_thread;

stack_use stack_in_use() noexcept {
  const auto used = static_cast<std::size_t>(this_thread.stack - static_cast<const char*>(__builtin_frame_address(0)));
  if (used < this_thread.stack_bytes / 2) return stack_use::low;
  return used < this_thread.stack_bytes / 8 * 7 ? stack_use::half : stack_use::full;
}

}  // namespace pinfold::detail
