#include <pinfold/detail/work_gate.hpp>

#include <condition_variable>
#include <memory>
#include <utility>

#include <pinfold/detail/event.hpp>

namespace pinfold::detail {

struct work_gate::blocked_waiter : waiter {
  blocked_waiter(bool others, std::uint64_t own_tasks) noexcept
      : waiter{.for_others = others, .own = own_tasks, .wake = [](waiter& self) noexcept {
                 static_cast<blocked_waiter&>(self).idle.set();
               }} {}

  event idle;
};

struct work_gate::timed_waiter : waiter {
  timed_waiter() noexcept
      : waiter{.for_others = false, .own = 0, .wake = [](waiter& base) noexcept {
                 auto& self = static_cast<timed_waiter&>(base);
                 self.is_woken = true;
                 self.changed.notify_one();
               }} {}

  std::condition_variable changed;
  bool is_woken = false;  // guarded by mutex_
};

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
  const std::uint64_t before = accepted_.fetch_add(units(tasks, meanwhile));
  if (!admits(before, from_task)) {
    take_back(tasks, meanwhile);
    return false;
  }
  note_depth(before + units(tasks, meanwhile));
  if (meanwhile != held) let_go();
  return true;
}

void work_gate::enter_part(std::uint64_t tasks, holding held) noexcept {
  note_depth(accepted_.fetch_add(units(tasks, held)) + units(tasks, held));
}

void work_gate::let_go() noexcept {
  accepted_.fetch_sub(one_hold);
  look_for_waiters();
}

bool work_gate::let_go_unobserved() noexcept {
  accepted_.fetch_sub(one_hold);
  return waiting_.load() != 0 && wake_if_idle();
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

gate_state work_gate::state() const noexcept {
  const std::uint64_t word = accepted_.load();
  if ((word & closed_bit) != 0) return gate_state::closed;
  return (word & draining_bit) != 0 ? gate_state::draining : gate_state::open;
}

bool work_gate::is_idle() const noexcept {
  std::uint64_t accepted = 0;
  return is_idle_at(accepted);
}

bool work_gate::is_idle_at(std::uint64_t& accepted) const noexcept {
  const std::uint64_t finished = finished_.load();
  const std::uint64_t word = accepted_.load();
  accepted = word / one_task;
  return (word & closed_bit) != 0 || are_finished(word, finished);
}

std::uint64_t work_gate::accepted(std::uint64_t finished_before) const noexcept {
  constexpr std::uint64_t wrap = (~std::uint64_t{0} / one_task) + 1;
  const std::uint64_t unfinished = (accepted_.load() / one_task) - finished_before;
  return finished_before + (unfinished % wrap);
}

std::uint64_t work_gate::high_water() const noexcept {
  const std::uint64_t accepted = accepted_.load() / one_task;
  return depth_.high_water(accepted, finished_.load());
}

bool work_gate::others_are_idle() const noexcept {
  const std::uint64_t finished = finished_.load();
  const std::uint64_t excused = excused_.load();
  return excused != 0 && are_finished(accepted_.load(), finished + excused);
}

void work_gate::look_for_waiters() noexcept {
  if (waiting_.load() == 0 || !wake_if_idle()) return;
  observer_.load(std::memory_order_relaxed)->gate_is_idle();
}

// True: the gate is idle, and the observer is to be told, without the mutex.
bool work_gate::wake_if_idle() noexcept {
  if (!is_idle() && !others_are_idle()) return false;
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
    each.wake(each);
  }
  return idle && watching_.load() != 0;
}

void work_gate::add(waiter& self) noexcept {
  {
    const std::lock_guard lock(mutex_);
    waiting_.fetch_add(1);
    excused_.fetch_add(self.own);
    self.next = std::exchange(waiters_, &self);
  }
  look_for_waiters();
}

void work_gate::wait_idle() noexcept {
  if (is_idle()) return;
  blocked_waiter self(false, 0);
  add(self);
  self.idle.wait();
}

bool work_gate::wait_idle_until(deadline limit) noexcept {
  if (limit == no_deadline) {
    wait_idle();
    return true;
  }
  if (is_idle()) return true;
  timed_waiter self;
  add(self);
  std::unique_lock lock(mutex_);
  if (wait_until(self.changed, lock, limit, [&] { return self.is_woken; })) return true;
  waiter** link = &waiters_;
  while (*link != &self) link = &(*link)->next;
  *link = self.next;
  waiting_.fetch_sub(1);
  return false;
}

void work_gate::wait_for_others(std::uint64_t own) noexcept {
  blocked_waiter self(true, own);
  add(self);
  self.idle.wait();
}

void work_gate::watch() noexcept {
  watching_.fetch_add(1);
  waiting_.fetch_add(1);
}

void work_gate::unwatch() noexcept {
  waiting_.fetch_sub(1);
  watching_.fetch_sub(1);
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

void work_gate::abandon_in_child() noexcept {
  accepted_.store((finished_.load() * one_task) | closed_bit);
  waiting_.store(0);
  watching_.store(0);
  excused_.store(0);
  std::construct_at(&mutex_);
  waiters_ = nullptr;
}

bool work_gate::is_as_remembered() const noexcept { return accepted_.load() == remembered_; }

bool work_gate::try_close() noexcept {
  std::uint64_t word = remembered_;
  return accepted_.compare_exchange_strong(word, (word & ~state_mask) | closed_bit);
}

}  // namespace pinfold::detail
