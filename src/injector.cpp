#include <pinfold/detail/injector.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <pinfold/detail/event.hpp>
#include <pinfold/detail/spin_pause.hpp>

namespace pinfold::detail {

bool injector::push_to_ring(task& item) noexcept {
  std::uint64_t tail = tail_.load(std::memory_order_relaxed);
  for (;;) {
    injector_cell& cell = cells_[tail & (cells_.size() - 1)];
    const std::uint64_t empty = tail / cells_.size() * 2;
    const std::uint64_t turn = cell.turn.load();
    if (turn == empty) {
      if (!tail_.compare_exchange_weak(tail, tail + 1)) continue;
      cell.item = &item;
      cell.turn.store(empty + 1, std::memory_order_release);
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
    const std::uint64_t full = (head / cells_.size() * 2) + 1;
    const std::uint64_t turn = cell.turn.load(std::memory_order_acquire);
    if (turn == full) {
      if (!head_.compare_exchange_weak(head, head + 1)) continue;
      task* const item = cell.item;
      cell.turn.store(full + 1);
      admit_waiters();
      return item;
    }
    const std::uint64_t seen = std::exchange(head, head_.load(std::memory_order_relaxed));
    if (turn < full && seen == head) return nullptr;
  }
}

bool injector::has_room() const noexcept {
  if (overflow_.size(false) != 0) return false;
  return aside_.size(false) == 0 || size() < capacity();
}

bool injector::try_push(task& item) noexcept { return has_room() && push_to_ring(item); }

void injector::push(task& item) noexcept {
  if (!try_push(item)) overflow_.push(item);
}

// Until there is room for so many that the next wait is far, but no longer than a wake-up takes. The cell that is
// looked at is one that the workers come to last: to look at their numbers would take those away from them. After a
// look in vain this thread leaves out the next ones: it may have the CPU that the worker needs.
void injector::look_for_much_room() const noexcept {
  constexpr unsigned left_out_after_one_in_vain = 15;
  thread_local constinit unsigned left_out = 0;
  if (left_out != 0) {
    --left_out;
    return;
  }
  constexpr std::size_t much = 64;
  constexpr std::chrono::microseconds as_long_as_a_wake_up{5};
  const std::uint64_t last = tail_.load(std::memory_order_relaxed) + std::min(much, capacity() / 4);
  const std::uint64_t empty = last / cells_.size() * 2;
  const std::atomic<std::uint64_t>& turn = cells_[last & (cells_.size() - 1)].turn;
  const auto end = std::chrono::steady_clock::now() + as_long_as_a_wake_up;
  do {
    spin_pause();
    if (turn.load(std::memory_order_relaxed) >= empty) return;
  } while (std::chrono::steady_clock::now() < end);
  left_out = left_out_after_one_in_vain;
}

void injector::push_or_wait(task& item) noexcept {
  if (try_push(item)) return;
  look_for_much_room();
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

// The ring may have been filled since the caller found it empty, and then the list: what is in the ring is older. The
// look under the list's mutex is exact, since a producer whose task is in the list adds nothing to the ring.
task* injector::pop_overflow(bool awaited_only) noexcept {
  task* const item = overflow_.pop_if([this] { return ring_is_empty(); }, awaited_only);
  if (item != nullptr) admit_waiters();
  return item;
}

task* injector::pop_aside(bool awaited_only) noexcept {
  task* const item = aside_.pop(awaited_only);
  if (item != nullptr) admit_waiters();
  return item;
}

task* injector::pop_any() noexcept {
  if (task* const item = pop_aside(false)) return item;
  if (task* const item = pop_from_ring()) return item;
  return pop_overflow(false);
}

// Who finds the ring empty by the head that the mover has advanced sees the mover, or what it has put aside.
task* injector::pop_awaited_from_ring() noexcept {
  if (ring_is_empty()) return nullptr;
  moving_.fetch_add(1);
  task* item = pop_from_ring();
  while (item != nullptr && !item->is_awaited()) {
    aside_.push(*item);
    item = pop_from_ring();
  }
  moving_.fetch_sub(1);
  return item;
}

task* injector::pop_awaited() noexcept {
  if (task* const item = pop_aside(true)) return item;
  if (task* const item = pop_awaited_from_ring()) return item;
  return pop_overflow(true);
}

bool injector::ring_is_empty() const noexcept {
  const std::uint64_t head = head_.load();
  return tail_.load() == head;
}

bool injector::may_have_tasks(bool awaited_only) const noexcept {
  if (!ring_is_empty() || overflow_.size(awaited_only) != 0) return true;
  // In this order: who has put something aside moves nothing any more.
  return moving_.load() != 0 || aside_.size(awaited_only) != 0;
}

std::size_t injector::size() const noexcept {
  const std::uint64_t head = head_.load();
  return static_cast<std::size_t>(tail_.load() - head) + aside_.size(false) + overflow_.size(false);
}

}  // namespace pinfold::detail
