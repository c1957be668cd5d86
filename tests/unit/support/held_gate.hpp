// A gate that a test holds in front of a pool's thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace pinfold_test {

/// Closed until open(); knows how many threads have come. It stays until those that it let through have left it.
class held_gate {
 public:
  held_gate() = default;
  held_gate(const held_gate&) = delete;
  held_gate& operator=(const held_gate&) = delete;
  ~held_gate() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !open_ || left_ == arrived_; });
  }

  void wait() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    ++left_;
    changed_.notify_all();
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// Blocks until `count` threads have come to wait().
  void wait_for_arrivals(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t arrived_ = 0;
  std::size_t left_ = 0;
  bool open_ = false;
};

}  // namespace pinfold_test
