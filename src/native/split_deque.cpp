#include <pinfold/native/detail/split_deque.hpp>

#include <algorithm>

namespace pinfold::detail {
namespace {

constexpr std::uint32_t tail_of(std::uint64_t steal) { return static_cast<std::uint32_t>(steal); }
constexpr std::uint32_t split_of(std::uint64_t steal) { return static_cast<std::uint32_t>(steal >> 32U); }
constexpr std::uint64_t packed(std::uint32_t tail, std::uint32_t split) { return tail | std::uint64_t{split} << 32U; }

}  // namespace

void split_deque::reset(std::span<fork_slot> slots) noexcept {
  first_ = head_ = slots.data();
  end_ = first_ + slots.size();
  spawned_ = watch_ = 0;
  set_split(0);
  steal_.store(0, std::memory_order_relaxed);
  limit_.store(end_, std::memory_order_relaxed);
}

void split_deque::set_split(std::uint32_t split) noexcept {
  split_ = split;
  set_barrier();
}

void split_deque::set_barrier() noexcept { barrier_ = watch_ != 0 ? end_ : at(std::max(split_, spawned_)); }

bool split_deque::has_tasks_only_above(const fork_slot* base) const noexcept {
  const std::uint32_t oldest = tail_of(steal_.load(std::memory_order_relaxed));
  return index_of(head_) > oldest && oldest >= index_of(base);
}

// The request is taken off first: one that comes later finds either the tasks or the next fork.
bool split_deque::share() noexcept {
  const std::uint32_t split = split_;
  const std::uint32_t count = index_of(head_) - split;
  if (count == 0) return false;
  limit_.exchange(end_);
  const std::uint32_t shared = (count + 1) / 2;
  for (std::uint32_t i = split; i < split + shared; ++i) at(i)->state.store(0, std::memory_order_relaxed);
  steal_.fetch_add(std::uint64_t{shared} << 32U);
  watch_ = watched_joins;
  set_split(split + shared);
  return true;
}

bool split_deque::take_back(fork_slot* slot) noexcept {
  head_ = slot;
  const std::uint32_t index = index_of(slot);
  if (index >= split_) return true;
  std::uint64_t steal = steal_.load(std::memory_order_relaxed);
  while (tail_of(steal) <= index) {
    const std::uint32_t split = tail_of(steal) + ((index - tail_of(steal)) / 2);
    if (!steal_.compare_exchange_weak(steal, packed(tail_of(steal), split), std::memory_order_relaxed)) continue;
    set_split(split);
    return true;
  }
  head_ = slot + 1;
  return false;
}

bool split_deque::is_stolen(const fork_slot* slot) const noexcept {
  return tail_of(steal_.load(std::memory_order_relaxed)) > index_of(slot);
}

void split_deque::drop_stolen(fork_slot* slot) noexcept {
  const std::uint32_t index = index_of(slot);
  head_ = slot;
  steal_.store(packed(index, index), std::memory_order_relaxed);
  set_split(index);
}

void split_deque::push_spawned() noexcept {
  head_->below = spawned_;
  ++head_;
  spawned_ = index_of(head_);
  set_barrier();
}

void split_deque::unlink_spawned(const fork_slot& top) noexcept {
  spawned_ = top.below;
  set_barrier();
}

fork_slot* split_deque::steal(std::uint32_t thief, bool& more) noexcept {
  std::uint64_t steal = steal_.load(std::memory_order_relaxed);
  while (tail_of(steal) < split_of(steal)) {
    if (!steal_.compare_exchange_weak(steal, steal + 1, std::memory_order_acquire, std::memory_order_relaxed)) continue;
    fork_slot* const slot = at(tail_of(steal));
    slot->state.fetch_or(thief + 1, std::memory_order_relaxed);
    more = tail_of(steal) + 1 < split_of(steal);
    return slot;
  }
  ask();
  return nullptr;
}

bool split_deque::has_shared() const noexcept {
  const std::uint64_t steal = steal_.load();
  return tail_of(steal) < split_of(steal);
}

}  // namespace pinfold::detail
