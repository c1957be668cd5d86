// One unit of work, intrusive: queues link it, nobody allocates for it.
#pragma once

#include <cstdint>
#include <utility>

namespace pinfold::detail {

/// Runs exactly once: `run` lets nothing escape, tells the pool that the task is finished, and ends the task's life.
struct task {
  using function = void (*)(task&) noexcept;

  static constexpr unsigned stamp_bits = 48;  // three days

  explicit constexpr task(function body, bool waited_for = false, bool counted = true) noexcept
      : run(body), awaited(waited_for), counts(counted) {}

  function run;
  task* next = nullptr;
  bool awaited;  ///< some thread waits until it has run
  bool counts;   ///< as a piece of the pool's work; else it is a part of one, or counts itself
  /// When it was handed over, where the pool's `metrics` are "latency". It takes the room behind the two flags.
  std::uint64_t posted_ns : stamp_bits = 0;
};
static_assert(sizeof(task) <= 24, "each queued function pays for it");

/// A task of a scope. It does not count: what waits for the scope is counted and does not end before.
struct scope_task : task {
  explicit constexpr scope_task(function body) noexcept : task(body, true, false) {}

  scope_task* older = nullptr;
};

/// FIFO of tasks; the owner serialises access.
class task_list {
 public:
  [[nodiscard]] constexpr bool empty() const noexcept { return head_ == nullptr; }

  void push(task& item) noexcept {
    item.next = nullptr;
    (head_ == nullptr ? head_ : tail_->next) = &item;
    tail_ = &item;
  }

  /// nullptr when empty.
  task* pop() noexcept {
    task* item = head_;
    if (item != nullptr) head_ = item->next;
    return item;
  }

  /// The first that is awaited, or nullptr; looks through the list.
  task* pop_awaited() noexcept {
    task* before = nullptr;
    for (task* item = head_; item != nullptr; before = std::exchange(item, item->next)) {
      if (!item->awaited) continue;
      (before == nullptr ? head_ : before->next) = item->next;
      if (item == tail_) tail_ = before;
      return item;
    }
    return nullptr;
  }

 private:
  task* head_ = nullptr;
  task* tail_ = nullptr;
};

/// Tasks of scopes that one worker has spawned: it takes the newest, others the oldest. The owner serialises access.
class scope_task_stack {
 public:
  [[nodiscard]] constexpr bool empty() const noexcept { return newest_ == nullptr; }
  /// Grows by one with each push and shrinks with each pop_newest(): what is pushed from now on lies above it.
  [[nodiscard]] constexpr std::uint64_t height() const noexcept { return height_; }

  void push(scope_task& item) noexcept {
    item.next = nullptr;
    item.older = newest_;
    (newest_ == nullptr ? oldest_ : newest_->next) = &item;
    newest_ = &item;
    ++height_;
  }

  /// nullptr when empty.
  scope_task* pop_newest() noexcept {
    scope_task* const item = newest_;
    if (item == nullptr) return nullptr;
    newest_ = item->older;
    (newest_ == nullptr ? oldest_ : newest_->next) = nullptr;
    --height_;
    return item;
  }
  scope_task* pop_oldest() noexcept {
    auto* const item = static_cast<scope_task*>(oldest_);
    if (item == nullptr) return nullptr;
    oldest_ = item->next;
    (oldest_ == nullptr ? newest_ : static_cast<scope_task*>(oldest_)->older) = nullptr;
    return item;
  }

 private:
  scope_task* newest_ = nullptr;
  task* oldest_ = nullptr;
  std::uint64_t height_ = 0;
};

}  // namespace pinfold::detail
