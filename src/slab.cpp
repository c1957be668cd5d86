#include <pinfold/detail/slab.hpp>

#include <functional>
#include <new>

namespace pinfold::detail {
namespace {

constexpr std::uint64_t tag_step = std::uint64_t{1} << 32;
constexpr std::uint64_t index_mask = tag_step - 1;

std::uint64_t next_head(std::uint64_t old_head, std::uint64_t index) {
  return ((old_head + tag_step) & ~index_mask) | index;
}

}  // namespace

template <class Slot>
void* slab<Slot>::take(std::size_t size, std::size_t alignment) noexcept {
  if (size > Slot::capacity || alignment > alignof(Slot)) return nullptr;
  std::uint64_t head = head_.load(std::memory_order_acquire);
  while ((head & index_mask) != 0) {
    Slot& slot = slots_[(head & index_mask) - 1];
    const std::uint32_t next = std::atomic_ref(slot.next).load(std::memory_order_relaxed);
    if (head_.compare_exchange_weak(head, next_head(head, next), std::memory_order_acquire)) return slot.bytes;
  }
  // Counting past the end is harmless as long as it cannot wrap: look before adding.
  if (fresh_.load(std::memory_order_relaxed) >= slots_.size()) return nullptr;
  const std::uint32_t index = fresh_.fetch_add(1, std::memory_order_relaxed);
  return index < slots_.size() ? slots_[index].bytes : nullptr;
}

template <class Slot>
void slab<Slot>::give_back(void* bytes) noexcept {
  Slot& slot = *reinterpret_cast<Slot*>(bytes);
  const auto index = static_cast<std::uint64_t>(&slot - slots_.data()) + 1;
  std::uint64_t head = head_.load(std::memory_order_relaxed);
  do {
    std::atomic_ref(slot.next).store(static_cast<std::uint32_t>(head & index_mask), std::memory_order_relaxed);
  } while (
      !head_.compare_exchange_weak(head, next_head(head, index), std::memory_order_release, std::memory_order_relaxed));
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
