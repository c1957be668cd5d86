// Preallocated slots for what a pool is given: nothing is allocated while slots are left and the item fits one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace pinfold::detail {

/// No initialisers: a static array of slots is zero memory that costs nothing until it is used.
template <std::size_t Capacity>
struct slab_slot {
  static constexpr std::size_t capacity = Capacity;

  alignas(64) std::byte bytes[capacity];
  std::uint32_t next;  // 1 + index of the next free slot, 0 at the end; through atomic_ref only
};

/// For closures: two cache lines, so that the neighbour line prefetch stays inside a slot.
using task_slot = slab_slot<112>;
static_assert(sizeof(task_slot) == 128);

/// For asynchronous operations, which hold a function, its result, and a handler with its executor.
using operation_slot = slab_slot<304>;
static_assert(sizeof(operation_slot) == 320);

/// A lock-free free list of slots. Any thread may take and give back.
///
/// States of a slot: fresh (never used), taken, free (on the list). `fresh_` counts up once; after that slots move
/// between taken and free. The head carries a tag that every change increments, so that a slot which was taken and
/// given back between a thread's load and its compare-exchange is noticed (ABA); reading `next` of a slot that somebody
/// else has taken meanwhile is why `next` lies outside the bytes that the taker writes.
/// Memory order: give_back's release pairs with take's acquire, so the bytes of the former user happen before the next.
template <class Slot>
class slab {
 public:
  explicit constexpr slab(std::span<Slot> slots) noexcept : slots_(slots) {}

  /// nullptr when all are taken, or when the request does not fit a slot.
  void* take(std::size_t size, std::size_t alignment) noexcept;

  void give_back(void* bytes) noexcept;

  [[nodiscard]] bool owns(const void* bytes) const noexcept;

  /// A slot, or the heap where none is free or the request is too large. Throws std::bad_alloc.
  void* allocate(std::size_t size, std::size_t alignment);
  void deallocate(void* bytes, std::size_t size, std::size_t alignment) noexcept;

 private:
  std::span<Slot> slots_;
  alignas(64) std::atomic<std::uint64_t> head_{0};  // tag << 32 | 1 + index, low half 0 when empty
  std::atomic<std::uint32_t> fresh_{0};
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
