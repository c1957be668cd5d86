// The floor: threads that wait on a queue under a mutex, and no more.
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "counted.hpp"

namespace {

class threads {
 public:
  threads() {
    for (long i = 0; i < workload::workers; ++i) threads_.emplace_back([this] { serve(); });
  }
  threads(const threads&) = delete;
  threads& operator=(const threads&) = delete;
  ~threads() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
  }

  void post(std::function<void()> task) {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
  }

 private:
  void serve() {
    for (std::unique_lock lock(mutex_);; lock.lock()) {
      changed_.wait(lock, [this] { return over_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool over_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace

int main(int argc, char** argv) { return bench::repeat<workload::footprint<workload::counted<threads>>>(argc, argv); }
