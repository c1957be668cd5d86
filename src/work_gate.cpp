#include <pinfold/detail/work_gate.hpp>

#include <utility>

namespace pinfold::detail {

bool work_gate::admits(std::uint64_t word, bool from_task) noexcept {
  if ((word & closed_bit) != 0) return false;
  return from_task || (word & draining_bit) == 0;
}

// Without holds; the state does not matter.
bool work_gate::are_finished(std::uint64_t word, std::uint64_t finished) noexcept {
  return (word & ~state_mask) == finished * one_task;
}

// A refusal is looked for before anything is counted, so that few are taken back. Who may be refused holds meanwhile.
// Accepted work is refused by closed gates only, and none closes while it runs.
bool work_gate::enter(bool from_task, std::uint64_t tasks, holding held) noexcept {
  if (!admits(accepted_.load(), from_task)) return false;
  const holding meanwhile = from_task ? held : holding::yes;
  if (!admits(accepted_.fetch_add(units(tasks, meanwhile)), from_task)) {
    take_back(tasks, meanwhile);
    return false;
  }
  if (meanwhile != held) let_go();
  return true;
}

void work_gate::enter_part(std::uint64_t tasks, holding held) noexcept { accepted_.fetch_add(units(tasks, held)); }

void work_gate::let_go() noexcept {
  accepted_.fetch_sub(one_hold);
  look_for_waiters();
}

void work_gate::take_back(std::uint64_t tasks, holding held) noexcept {
  accepted_.fetch_sub(units(tasks, held));
  look_for_waiters();
}

void work_gate::leave() noexcept {
  finished_.fetch_add(1);
  look_for_waiters();
}

void work_gate::excuse() noexcept {
  excused_.fetch_add(1);
  look_for_waiters();
}

bool work_gate::is_open() const noexcept { return (accepted_.load() & state_mask) == 0; }

bool work_gate::is_idle() const noexcept {
  const std::uint64_t finished = finished_.load();
  return are_finished(accepted_.load(), finished);
}

bool work_gate::is_idle_at(std::uint64_t& accepted) const noexcept {
  const std::uint64_t finished = finished_.load();
  const std::uint64_t word = accepted_.load();
  accepted = word / one_task;
  return are_finished(word, finished);
}

bool work_gate::others_are_idle() const noexcept {
  const std::uint64_t finished = finished_.load();
  const std::uint64_t excused = excused_.load();
  return excused != 0 && are_finished(accepted_.load(), finished + excused);
}

void work_gate::look_for_waiters() noexcept {
  if (waiting_.load() != 0) wake_if_idle();
}

void work_gate::wake_if_idle() noexcept {
  if (!is_idle() && !others_are_idle()) return;
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

void work_gate::open() noexcept { accepted_.fetch_and(~state_mask); }

// From closed as from open; one step, because a closed gate must not open for a moment.
void work_gate::drain() noexcept {
  std::uint64_t word = accepted_.load();
  while (!accepted_.compare_exchange_weak(word, (word & ~state_mask) | draining_bit)) {
  }
}

void work_gate::refuse_foreigners() noexcept { accepted_.fetch_or(draining_bit); }

bool work_gate::remember() noexcept {
  const std::uint64_t finished = finished_.load();
  remembered_ = accepted_.load();
  return are_finished(remembered_, finished);
}

bool work_gate::is_as_remembered() const noexcept { return accepted_.load() == remembered_; }

bool work_gate::try_close() noexcept {
  std::uint64_t word = remembered_;
  return accepted_.compare_exchange_strong(word, (word & ~state_mask) | closed_bit);
}

}  // namespace pinfold::detail
