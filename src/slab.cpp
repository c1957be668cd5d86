#include <pinfold/detail/slab.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <new>

namespace pinfold::detail {

// Larger alignments than a slot's bytes have are found further in.
template <class Slot>
void* slab<Slot>::take(std::size_t size, std::size_t alignment) noexcept {
  if (alignment > alignof(Slot)) return nullptr;
  const std::size_t at = std::max(alignment, offsetof(Slot, bytes));
  if (size > sizeof(Slot) - at) return nullptr;
  Slot* const slot = take_slot();
  return slot == nullptr ? nullptr : reinterpret_cast<std::byte*>(slot) + at;
}

template <class Slot>
Slot* slab<Slot>::take_slot() noexcept {
  std::uint64_t head = free_.load(std::memory_order_acquire);
  for (;;) {
    const std::uint64_t index = head & index_mask;
    if (index == being_refilled) return take_fresh(slots_.size());
    if (index == 0) {
      if (Slot* const slot = take_fresh(std::min<std::size_t>(circulating, slots_.size()))) return slot;
      if (returned_.load(std::memory_order_relaxed) == 0) return take_fresh(slots_.size());
      if (Slot* const slot = refill(head)) return slot;
      continue;
    }
    const std::uint64_t next = next_of(index).load(std::memory_order_relaxed);
    if (free_.compare_exchange_weak(head, next_head(head, next), std::memory_order_acquire)) {
      prefetch(next);
      return &slots_[index - 1];
    }
  }
}

// The slot that is taken next, from the cache of who gave it back.
template <class Slot>
void slab<Slot>::prefetch(std::uint64_t index) const noexcept {
  constexpr int for_writing = 1;
  if (index != 0) __builtin_prefetch(&slots_[index - 1], for_writing);
}

// Counting past the end is harmless as long as it cannot wrap: look before adding.
template <class Slot>
Slot* slab<Slot>::take_fresh(std::size_t limit) noexcept {
  if (fresh_.load(std::memory_order_relaxed) >= limit) return nullptr;
  const std::uint32_t index = fresh_.fetch_add(1, std::memory_order_relaxed);
  return index < slots_.size() ? &slots_[index] : nullptr;
}

// `head` is the empty one that was seen; nullptr: somebody changed it, to what `head` is now.
template <class Slot>
Slot* slab<Slot>::refill(std::uint64_t& head) noexcept {
  const std::uint64_t mine = next_head(head, being_refilled);
  if (!free_.compare_exchange_weak(head, mine, std::memory_order_acquire)) return nullptr;
  const std::uint64_t index = returned_.exchange(0, std::memory_order_acquire);
  const std::uint64_t rest = next_of(index).load(std::memory_order_relaxed);
  free_.store(next_head(mine, rest), std::memory_order_release);
  prefetch(rest);
  return &slots_[index - 1];
}

template <class Slot>
void slab<Slot>::give_back(void* bytes) noexcept {
  const auto distance = static_cast<std::byte*>(bytes) - reinterpret_cast<std::byte*>(slots_.data());
  const auto index = static_cast<std::uint32_t>(static_cast<std::size_t>(distance) / sizeof(Slot)) + 1;
  std::uint32_t before = returned_.load(std::memory_order_relaxed);
  do {
    next_of(index).store(before, std::memory_order_relaxed);
  } while (!returned_.compare_exchange_weak(before, index, std::memory_order_release, std::memory_order_relaxed));
}

template <class Slot>
bool slab<Slot>::owns(const void* bytes) const noexcept {
  const std::less<> before;
  return !before(bytes, static_cast<const void*>(slots_.data())) &&
         before(bytes, static_cast<const void*>(slots_.data() + slots_.size()));
}

template <class Slot>
void* slab<Slot>::allocate(std::size_t size, std::size_t alignment) {
  if (void* slot = take(size, alignment)) return slot;
  return ::operator new(size, std::align_val_t{alignment});
}

template <class Slot>
void slab<Slot>::deallocate(void* bytes, std::size_t size, std::size_t alignment) noexcept {
  if (owns(bytes)) {
    give_back(bytes);
  } else {
    ::operator delete(bytes, size, std::align_val_t{alignment});
  }
}

template class slab<task_slot>;
template class slab<operation_slot>;

constinit task_slab no_slots{{}};

}  // namespace pinfold::detail
