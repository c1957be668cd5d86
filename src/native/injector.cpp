#include <pinfold/native/detail/injector.hpp>

#include <utility>

#include <pinfold/detail/event.hpp>

namespace pinfold::detail {

void injector::list::push(task& item) noexcept {
  const std::lock_guard lock(mutex_);
  tasks_.push(item);
  count_.fetch_add(1);
  if (item.awaited) awaited_.fetch_add(1);
}

task* injector::list::pop(bool awaited) noexcept {
  if ((awaited ? awaited_ : count_).load(std::memory_order_relaxed) == 0) return nullptr;
  const std::lock_guard lock(mutex_);
  task* const item = awaited ? tasks_.pop_awaited() : tasks_.pop();
  if (item == nullptr) return nullptr;
  count_.fetch_sub(1, std::memory_order_relaxed);
  if (item->awaited) awaited_.fetch_sub(1, std::memory_order_relaxed);
  return item;
}

bool injector::push_to_ring(task& item) noexcept {
  std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  for (;;) {
    injector_cell& cell = cells_[tail & (cells_.size() - 1)];
    const std::uint64_t empty = tail / cells_.size() * 2;
    const std::uint64_t turn = cell.turn.load(std::memory_order_acquire);
    if (turn == empty) {
      if (!tail_.compare_exchange_weak(tail, tail + 1, std::memory_order_relaxed)) continue;
      cell.item = &item;
      cell.turn.store(empty + 1);
      return true;
    }
    // Behind: this cell still holds the task of the round before. Ahead: another producer has it, and tail has moved.
    const std::uint64_t seen = std::exchange(tail, tail_.load(std::memory_order_relaxed));
    if (turn < empty && seen == tail) return false;
  }
}

task* injector::pop_from_ring() noexcept {
  std::uint64_t head = head_.load(std::memory_order_relaxed);
  for (;;) {
    injector_cell& cell = cells_[head & (cells_.size() - 1)];
    const std::uint64_t full = head / cells_.size() * 2 + 1;
    const std::uint64_t turn = cell.turn.load(std::memory_order_acquire);
    if (turn == full) {
      if (!head_.compare_exchange_weak(head, head + 1, std::memory_order_relaxed)) continue;
      task* const item = cell.item;
      cell.turn.store(full + 1);
      admit_waiters();
      return item;
    }
    const std::uint64_t seen = std::exchange(head, head_.load(std::memory_order_relaxed));
    if (turn < full && seen == head) return nullptr;
  }
}

bool injector::try_push(task& item) noexcept { return overflow_.size() == 0 && push_to_ring(item); }

void injector::push(task& item) noexcept {
  if (!try_push(item)) overflow_.push(item);
}

void injector::push_or_wait(task& item) noexcept {
  while (!try_push(item)) {
    event room;
    waiter self{.room = &room, .next = nullptr};
    {
      const std::lock_guard lock(waiters_mutex_);
      waiting_.fetch_add(1);
      if (try_push(item)) {
        waiting_.fetch_sub(1);
        return;
      }
      self.next = std::exchange(waiters_, &self);
    }
    room.wait();
  }
}

// All of them: each tries again, and who finds it full registers again.
void injector::admit_waiters() noexcept {
  if (waiting_.load() == 0) return;
  const std::lock_guard lock(waiters_mutex_);
  waiter* next = std::exchange(waiters_, nullptr);
  while (next != nullptr) {
    waiter& woken = *std::exchange(next, next->next);  // set() ends its life
    waiting_.fetch_sub(1);
    woken.room->set();
  }
}

task* injector::pop() noexcept {
  if (task* const item = aside_.pop(false)) return item;
  if (task* const item = pop_from_ring()) return item;
  task* const item = overflow_.pop(false);
  if (item != nullptr) admit_waiters();
  return item;
}

task* injector::pop_awaited() noexcept {
  if (task* const item = aside_.pop(true)) return item;
  while (task* const item = pop_from_ring()) {
    if (item->awaited) return item;
    aside_.push(*item);
  }
  return overflow_.pop(true);
}

bool injector::ring_has_tasks() const noexcept {
  const std::uint64_t head = head_.load();
  const std::uint64_t full = head / cells_.size() * 2 + 1;
  return cells_[head & (cells_.size() - 1)].turn.load() >= full;
}

bool injector::has_tasks() const noexcept { return ring_has_tasks() || aside_.size() != 0 || overflow_.size() != 0; }

bool injector::may_have_awaited() const noexcept {
  return ring_has_tasks() || aside_.awaited() != 0 || overflow_.awaited() != 0;
}

std::size_t injector::size() const noexcept {
  const std::uint64_t head = head_.load(std::memory_order_relaxed);
  return static_cast<std::size_t>(tail_.load(std::memory_order_relaxed) - head) + aside_.size() + overflow_.size();
}

}  // namespace pinfold::detail
