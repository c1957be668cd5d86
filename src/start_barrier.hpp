// Where new threads wait until start() has decided.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace pinfold::detail {

/// The starter waits until `count` threads have arrived, then lets all go, to work or to end.
class start_barrier {
 public:
  /// By a new thread, after its setup. True: work; false: end.
  bool arrive_and_wait() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return decided_; });
    return work_;
  }

  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ == count; });
  }

  void decide(bool work) {
    const std::lock_guard lock(mutex_);
    decided_ = true;
    work_ = work;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t arrived_ = 0;
  bool decided_ = false;
  bool work_ = false;
};

}  // namespace pinfold::detail
