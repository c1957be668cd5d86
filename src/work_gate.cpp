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

bool work_gate::others_are_idle() const noexcept {
  const std::uint64_t finished = finished_.load();
  const std::uint64_t excused = excused_.load();
  return excused != 0 && finished + excused == (accepted_.load() & count_mask);
}

void work_gate::wake_if_idle() noexcept {
  if (waiting_.load() == 0 || (!is_idle() && !others_are_idle())) return;
  const std::lock_guard lock(mutex_);
  const bool idle = is_idle();
  const bool others_idle = others_are_idle();
  for (waiter** link = &waiters_; *link != nullptr;) {
    waiter& each = **link;
    if (!(each.for_others ? others_idle : idle)) {
      link = &each.next;
      continue;
    }
    *link = each.next;
    waiting_.fetch_sub(1);
    excused_.fetch_sub(each.own);
    each.idle.set();  // ends its life
  }
}

void work_gate::wait(waiter& self) noexcept {
  {
    const std::lock_guard lock(mutex_);
    waiting_.fetch_add(1);
    excused_.fetch_add(self.own);
    self.next = std::exchange(waiters_, &self);
  }
  wake_if_idle();
  self.idle.wait();
}

void work_gate::wait_idle() noexcept {
  if (is_idle()) return;
  waiter self{.for_others = false, .own = 0};
  wait(self);
}

void work_gate::wait_for_others(std::uint64_t own) noexcept {
  waiter self{.for_others = true, .own = own};
  wait(self);
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
