// Who ran something.
#pragma once

#include <mutex>
#include <set>
#include <thread>

namespace pinfold_test {

/// The threads that a test saw.
class seen_threads {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    ids_.insert(std::this_thread::get_id());
  }
  [[nodiscard]] std::set<std::thread::id> ids() const {
    const std::lock_guard lock(mutex_);
    return ids_;
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::thread::id> ids_;
};

}  // namespace pinfold_test
