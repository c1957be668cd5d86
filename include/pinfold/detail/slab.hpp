// Preallocated slots for what a pool is given: nothing is allocated while slots are left and the item fits one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace pinfold::detail {

/// No initialisers: a static array of slots is zero memory that costs nothing until it is used.
/// `next` shares its line with what the taker writes first, and both sides touch it anyway.
template <std::size_t Capacity>
struct alignas(64) slab_slot {
  static constexpr std::size_t capacity = Capacity;

  std::uint32_t next;  // 1 + index of the next slot of its list, 0 at the end; through atomic_ref only
  alignas(16) std::byte bytes[capacity];
};

/// For closures: two cache lines, so that the neighbour line prefetch stays inside a slot.
using task_slot = slab_slot<112>;
static_assert(sizeof(task_slot) == 128);

/// For asynchronous operations, which hold a function, its result, and a handler with its executor.
using operation_slot = slab_slot<304>;
static_assert(sizeof(operation_slot) == 320);

/// Lock-free lists of slots. Any thread may take and give back.
///
/// States of a slot: fresh (never used), taken, returned, free. `fresh_` counts up once; after that slots go round from
/// taken to returned to free. Mostly one thread takes and another gives back: with one list its head would move from
/// the one's cache to the other's with every slot. So there are two, and only when the free ones are out a taker makes
/// all returned ones free. Some slots stay in circulation, so that this happens once in a while and not at every task.
///
/// `free_` is the head of the free ones with a tag that every change increments, so that a slot which was taken and
/// came back between a thread's load and its compare-exchange is noticed (ABA); reading `next` of a slot that somebody
/// else has taken meanwhile is why `next` lies outside the bytes that the taker writes. `returned_` needs no tag: it is
/// only pushed to and taken whole.
/// One taker at a time refills: it puts `being_refilled` for the empty head, and nobody changes the head until it has
/// put the rest of what it took over there. Others take a fresh slot meanwhile, or none: nobody waits.
/// tests/model/slab.pml is this protocol for the model checker.
///
/// Memory order: give_back's release pairs with the refill's acquire, and the refill's release, or the take before in
/// its release sequence, with take's acquire: so the bytes of the former user happen before the next.
template <class Slot>
class slab {
 public:
  explicit constexpr slab(std::span<Slot> slots) noexcept : slots_(slots) {}

  /// nullptr when all are taken, when the request does not fit a slot, and maybe when all were taken once and somebody
  /// else refills at this moment.
  void* take(std::size_t size, std::size_t alignment) noexcept;

  void give_back(void* bytes) noexcept;

  [[nodiscard]] bool owns(const void* bytes) const noexcept;

  /// A slot, or the heap where none is free or the request is too large. Throws std::bad_alloc.
  void* allocate(std::size_t size, std::size_t alignment);
  void deallocate(void* bytes, std::size_t size, std::size_t alignment) noexcept;

 private:
  static constexpr std::uint64_t tag_step = std::uint64_t{1} << 32;
  static constexpr std::uint64_t index_mask = tag_step - 1;
  static constexpr std::uint64_t being_refilled = index_mask;
  static constexpr std::uint32_t circulating = 16;  // slots that are used before one is used again

  [[nodiscard]] static constexpr std::uint64_t next_head(std::uint64_t head, std::uint64_t index) noexcept {
    return ((head + tag_step) & ~index_mask) | index;
  }
  [[nodiscard]] std::atomic_ref<std::uint32_t> next_of(std::uint64_t index) const noexcept {
    return std::atomic_ref(slots_[index - 1].next);
  }
  void prefetch(std::uint64_t index) const noexcept;
  [[nodiscard]] Slot* take_slot() noexcept;
  [[nodiscard]] Slot* take_fresh(std::size_t limit) noexcept;
  [[nodiscard]] Slot* refill(std::uint64_t& head) noexcept;

  std::span<Slot> slots_;
  alignas(64) std::atomic<std::uint64_t> free_{0};  // tag << 32 | 1 + index, low half 0 when empty
  std::atomic<std::uint32_t> fresh_{0};
  alignas(64) std::atomic<std::uint32_t> returned_{0};  // 1 + index, 0 when empty
};

extern template class slab<task_slot>;
extern template class slab<operation_slot>;

using task_slab = slab<task_slot>;
using operation_slab = slab<operation_slot>;

/// For those who must not take a slot.
extern constinit task_slab no_slots;

/// Memory for a T: a slot while one is free and large enough, else from the allocator, whatever its value type is.
template <class T, class Slot, class Allocator>
[[nodiscard]] T* allocate_item(slab<Slot>& slots, const Allocator& otherwise) {
  if (void* const slot = slots.take(sizeof(T), alignof(T))) return static_cast<T*>(slot);
  typename std::allocator_traits<Allocator>::template rebind_alloc<T> allocator(otherwise);
  return std::to_address(allocator.allocate(1));
}
template <class T, class Slot, class Allocator>
void deallocate_item(slab<Slot>& slots, const Allocator& otherwise, T* item) noexcept {
  if (slots.owns(item)) {
    slots.give_back(item);
  } else {
    using traits = typename std::allocator_traits<Allocator>::template rebind_traits<T>;
    typename traits::allocator_type allocator(otherwise);
    allocator.deallocate(std::pointer_traits<typename traits::pointer>::pointer_to(*item), 1);
  }
}

/// A slab as a standard allocator.
template <class T, class Slab = task_slab>
class slab_allocator {
 public:
  using value_type = T;

  explicit slab_allocator(Slab& slab) noexcept : slab_(&slab) {}
  template <class U>
  slab_allocator(const slab_allocator<U, Slab>& other) noexcept : slab_(other.slab_) {}

  T* allocate(std::size_t count) { return static_cast<T*>(slab_->allocate(count * sizeof(T), alignof(T))); }
  void deallocate(T* items, std::size_t count) noexcept { slab_->deallocate(items, count * sizeof(T), alignof(T)); }

  template <class U>
  bool operator==(const slab_allocator<U, Slab>& other) const noexcept {
    return slab_ == other.slab_;
  }

 private:
  template <class, class>
  friend class slab_allocator;

  Slab* slab_;
};

}  // namespace pinfold::detail
