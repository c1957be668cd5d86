// A task of a scope, and the stack of those that one worker has spawned.
#pragma once

#include <cstdint>

#include <pinfold/detail/task.hpp>

namespace pinfold::detail {

/// A task of a scope. It does not count: what waits for the scope is counted and does not end before.
struct scope_task : task {
  explicit constexpr scope_task(function body) noexcept : task(body, task_kind::part) {}

  scope_task* older = nullptr;
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
