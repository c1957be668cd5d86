#include <pinfold/detail/task_queue.hpp>

#include <chrono>

#include <pinfold/detail/event.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/spin_pause.hpp>
#include <pinfold/detail/thread_context.hpp>

namespace pinfold::detail {
void task_queue::push(task& item) noexcept {
  const std::lock_guard lock(mutex_);
  shared_.push(item);
  shared_ready_.fetch_add(1, std::memory_order_relaxed);
  if (item.awaited) ++awaited_;
  wake_one();
}

void task_queue::wake_one() noexcept {
  if (idle_.count != 0) {
    idle_.wake_up.notify_one();
  } else if (helpers_.count != 0) {
    helpers_.wake_up.notify_one();
  } else if (awaited_ != 0 || deep_.count == directed_.size()) {
    deep_.wake_up.notify_one();
  }
}

void task_queue::push_to(std::size_t worker, task& item) noexcept {
  const std::lock_guard lock(mutex_);
  directed_[worker].tasks.push(item);
  directed_[worker].ready.fetch_add(1, std::memory_order_relaxed);
  directed_ready_.fetch_add(1, std::memory_order_relaxed);
  for (sleepers* each : {&idle_, &helpers_, &deep_}) each->wake_up.notify_all();
}

task* task_queue::take(std::size_t worker, takes which) noexcept {
  if (task* item = directed_[worker].tasks.pop()) {
    directed_[worker].ready.fetch_sub(1, std::memory_order_relaxed);
    directed_ready_.fetch_sub(1, std::memory_order_relaxed);
    return item;
  }
  if (which == takes::directed || (which == takes::awaited && awaited_ == 0)) return nullptr;
  task* item = which == takes::all ? shared_.pop() : shared_.pop_awaited();
  if (item == nullptr) return nullptr;
  shared_ready_.fetch_sub(1, std::memory_order_relaxed);
  if (item->awaited) --awaited_;
  return item;
}

void task_queue::sleep(std::unique_lock<std::mutex>& lock, sleepers& in) {
  ++in.count;
  in.wake_up.wait(lock);
  --in.count;
}

task* task_queue::try_pop(std::size_t worker) noexcept {
  const std::lock_guard lock(mutex_);
  return take(worker, takes::all);
}

task* task_queue::try_pop_directed(std::size_t worker) noexcept {
  const std::lock_guard lock(mutex_);
  return take(worker, takes::directed);
}

void task_queue::spin(std::size_t worker, idle_strategy idle, std::uint32_t spin_us) const noexcept {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + std::chrono::microseconds(spin_us);
  const auto nothing = [&] {
    return shared_ready_.load(std::memory_order_relaxed) == 0 &&
           directed_[worker].ready.load(std::memory_order_relaxed) == 0 && !closing_.load(std::memory_order_relaxed);
  };
  while (nothing() && (idle == idle_strategy::busy || clock::now() < end)) spin_pause();
}

task* task_queue::pop(std::size_t worker, idle_strategy idle, std::uint32_t spin_us) noexcept {
  for (;;) {
    if (idle != idle_strategy::park) spin(worker, idle, spin_us);
    std::unique_lock lock(mutex_);
    if (task* item = take(worker, takes::all)) return item;
    if (closed_) return nullptr;
    if (idle == idle_strategy::busy) continue;
    sleep(lock, idle_);
    task* item = take(worker, takes::all);
    if (!shared_.empty()) wake_one();
    if (item != nullptr) return item;
  }
}

void task_queue::open() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = false;
  closing_.store(false, std::memory_order_relaxed);
}

void task_queue::close() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  closing_.store(true, std::memory_order_relaxed);
  idle_.wake_up.notify_all();
}

void task_queue::help_until(event& done, std::size_t worker, bool shared) noexcept {
  const stack_use stack = stack_in_use();
  takes which = takes::all;
  if (stack == stack_use::half) which = takes::awaited;
  if (stack == stack_use::full || !shared) which = takes::directed;
  sleepers& bed = which == takes::all ? helpers_ : deep_;
  std::unique_lock lock(mutex_);
  while (!done.is_set.load(std::memory_order_relaxed)) {
    task* item = take(worker, which);
    const bool nobody_else = deep_.count + 1 == directed_.size();
    if (item == nullptr && which == takes::awaited && nobody_else) item = take(worker, takes::all);
    if (item == nullptr) {
      sleep(lock, bed);
      continue;
    }
    if (!shared_.empty()) wake_one();
    lock.unlock();
    owner_.run(*item);
    lock.lock();
  }
}

void task_queue::set(event& done) noexcept {
  const std::lock_guard lock(mutex_);
  done.is_set.store(true, std::memory_order_relaxed);
  helpers_.wake_up.notify_all();
  deep_.wake_up.notify_all();
}

}  // namespace pinfold::detail
