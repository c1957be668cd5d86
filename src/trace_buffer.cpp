#include "trace_buffer.hpp"

#include <pinfold/detail/thread_context.hpp>

namespace pinfold::detail {

void trace_buffer::add(trace_kind kind, std::uintptr_t subject, const pool_core* pool) noexcept {
  const auto when = static_cast<std::uint64_t>(std::chrono::nanoseconds(clock::now() - origin_).count());
  const std::size_t count = count_.load(std::memory_order_relaxed);
  if (count == capacity_) {
    const std::uint64_t before = dropped_.load(std::memory_order_relaxed);
    if (before == 0) full_since_.store(when, std::memory_order_relaxed);
    dropped_.store(before + 1, std::memory_order_release);
    return;
  }
  events_[count] = {.when = when, .kind = kind, .subject = subject, .pool = pool};
  count_.store(count + 1, std::memory_order_release);
}

void record_here(trace_kind kind, std::uintptr_t subject, const pool_core* pool) noexcept {
  if (this_thread.trace != nullptr) this_thread.trace->record(kind, subject, pool);
}

}  // namespace pinfold::detail
