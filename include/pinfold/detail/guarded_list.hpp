// A FIFO of tasks that any thread may push to and pop from.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>

#include <pinfold/detail/task.hpp>

namespace pinfold::detail {

/// The counts are looked at without the mutex, with seq_cst, since they are among what a sleeper looks at again.
class guarded_list {
 public:
  void push(task& item) noexcept;
  /// The oldest, or the oldest that somebody waits for; nullptr: none.
  [[nodiscard]] task* pop(bool awaited_only) noexcept {
    return pop_if([] { return true; }, awaited_only);
  }
  /// The same where `may()`, which is asked while nothing is pushed or popped.
  template <class May>
  [[nodiscard]] task* pop_if(May may, bool awaited_only) noexcept {
    if (size(awaited_only) == 0) return nullptr;
    const std::lock_guard lock(mutex_);
    return may() ? pop_locked(awaited_only) : nullptr;
  }

  [[nodiscard]] std::size_t size(bool awaited_only) const noexcept { return (awaited_only ? awaited_ : count_).load(); }

 private:
  [[nodiscard]] task* pop_locked(bool awaited_only) noexcept;

  std::mutex mutex_;
  task_list tasks_;
  std::atomic<std::size_t> count_{0};
  std::atomic<std::size_t> awaited_{0};
};

}  // namespace pinfold::detail
