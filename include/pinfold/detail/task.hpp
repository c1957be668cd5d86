// One unit of work, intrusive: queues link it, nobody allocates for it.
#pragma once

#include <utility>

namespace pinfold::detail {

/// Runs exactly once: `run` lets nothing escape, tells the pool that the task is finished, and ends the task's life.
struct task {
  using function = void (*)(task&) noexcept;

  explicit constexpr task(function body, bool waited_for = false, bool counted = true) noexcept
      : run(body), awaited(waited_for), counts(counted) {}

  function run;
  task* next = nullptr;
  bool awaited;  ///< some thread waits until it has run
  bool counts;   ///< as a piece of the pool's work; else it is a part of one, or counts itself
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

}  // namespace pinfold::detail
