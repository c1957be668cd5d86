// One unit of work, intrusive: queues link it, nobody allocates for it. And the list of them.
#pragma once

#include <cstdint>
#include <utility>

namespace pinfold::detail {

/// Who waits for a task, and who counts it.
enum class task_kind : std::uint16_t {  // as wide as the bit-field beside it stores well
  posted,                               ///< nobody waits for it
  awaited,                              ///< some thread waits until it has run
  part  ///< awaited, and no piece of the pool's work: a part of one, or it counts itself
};

/// Runs exactly once: `run` lets nothing escape, tells the pool that the task is finished, and ends the task's life.
struct task {
  using function = void (*)(task&) noexcept;

  static constexpr unsigned stamp_bits = 48;  // three days

  explicit constexpr task(function body, task_kind of = task_kind::posted) noexcept : run(body), kind(of) {}

  [[nodiscard]] constexpr bool is_awaited() const noexcept { return kind != task_kind::posted; }
  [[nodiscard]] constexpr bool counts() const noexcept { return kind != task_kind::part; }

  function run;
  task* next = nullptr;
  task_kind kind;
  /// When it was handed over, where the pool's `metrics` are "latency". It takes the room behind the kind.
  std::uint64_t posted_ns : stamp_bits = 0;
};
static_assert(sizeof(task) <= 24, "each queued function pays for it");

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

  task* pop_awaited() noexcept {
    return pop_first([](const task& item) { return item.is_awaited(); });
  }

  /// The oldest for which `is_wanted(item)`, or nullptr; looks through the list.
  template <class Predicate>
  task* pop_first(Predicate is_wanted) noexcept {
    task* before = nullptr;
    for (task* item = head_; item != nullptr; before = std::exchange(item, item->next)) {
      if (!is_wanted(std::as_const(*item))) continue;
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
