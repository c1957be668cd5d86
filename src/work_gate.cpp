#include <pinfold/detail/work_gate.hpp>

#include <utility>

namespace pinfold::detail {

bool work_gate::admits(std::uint64_t state, bool from_task) noexcept {
  if ((state & closed_bit) != 0) return false;
  return from_task || (state & draining_bit) == 0;
}

bool work_gate::enter(bool from_task, std::uint64_t count) noexcept {
  if (!admits(accepted_.load(), from_task)) return false;
  if (admits(accepted_.fetch_add(count), from_task)) return true;
  leave(count);
  return false;
}

void work_gate::leave(std::uint64_t count) noexcept {
  finished_.fetch_add(count);
  wake_if_idle();
}

bool work_gate::is_open() const noexcept { return (accepted_.load() & (closed_bit | draining_bit)) == 0; }

bool work_gate::is_idle() const noexcept {
  const std::uint64_t finished = finished_.load();
  return finished == (accepted_.load() & count_mask);
}

void work_gate::wake_if_idle() noexcept {
  if (waiting_.load() == 0 || !is_idle()) return;
  const std::lock_guard lock(mutex_);
  if (!is_idle()) return;
  waiter* next = std::exchange(waiters_, nullptr);
  while (next != nullptr) {
    waiter& woken = *std::exchange(next, next->next);  // set() ends its life
    waiting_.fetch_sub(1);
    woken.idle.set();
  }
}

void work_gate::wait_idle() noexcept {
  if (is_idle()) return;
  waiter self;
  {
    const std::lock_guard lock(mutex_);
    waiting_.fetch_add(1);
    if (is_idle()) {
      waiting_.fetch_sub(1);
      return;
    }
    self.next = std::exchange(waiters_, &self);
  }
  self.idle.wait();
}

void work_gate::open() noexcept { accepted_.fetch_and(count_mask); }

// From closed as from open; one step, because a closed gate must not open for a moment.
void work_gate::drain() noexcept {
  std::uint64_t state = accepted_.load();
  while (!accepted_.compare_exchange_weak(state, (state & count_mask) | draining_bit)) {
  }
}

void work_gate::refuse_foreigners() noexcept { accepted_.fetch_or(draining_bit); }

void work_gate::remember() noexcept { remembered_ = accepted_.load() & count_mask; }

bool work_gate::is_as_remembered() const noexcept { return accepted() == remembered_; }

bool work_gate::try_close() noexcept {
  std::uint64_t draining = remembered_ | draining_bit;
  return accepted_.compare_exchange_strong(draining, remembered_ | closed_bit);
}

std::uint64_t work_gate::accepted() const noexcept { return accepted_.load() & count_mask; }

}  // namespace pinfold::detail
