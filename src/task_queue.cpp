#include <pinfold/detail/task_queue.hpp>

#include <chrono>
#include <utility>

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
  } else if (awaited_ != 0 || !foreign_.empty() || deep_.count == desks_.size()) {
    deep_.wake_up.notify_one();
  }
}

void task_queue::push_to(std::size_t worker, task& item) noexcept {
  const std::lock_guard lock(mutex_);
  desks_[worker].directed.push(item);
  desks_[worker].directed_ready.fetch_add(1, std::memory_order_relaxed);
  directed_ready_.fetch_add(1, std::memory_order_relaxed);
  for (sleepers* each : {&idle_, &helpers_, &deep_}) each->wake_up.notify_all();
}

// First what nobody else can run, then what the functions below on this thread wait for or have spawned.
task* task_queue::take(std::size_t worker, takes which) noexcept {
  desk& own = desks_[worker];
  if (task* item = take_directed(own)) return item;
  if (task* item = take_newest_part(own, which == takes::all ? 0 : own.base)) return item;
  if (which == takes::own) return nullptr;
  if (task* item = which == takes::all ? take_oldest_part(worker) : counted_out(foreign_.pop_oldest())) return item;
  return take_shared(which == takes::awaited);
}

task* task_queue::take_directed(desk& own) noexcept {
  task* const item = own.directed.pop();
  if (item == nullptr) return nullptr;
  own.directed_ready.fetch_sub(1, std::memory_order_relaxed);
  directed_ready_.fetch_sub(1, std::memory_order_relaxed);
  return item;
}

task* task_queue::take_shared(bool awaited_only) noexcept {
  if (awaited_only && awaited_ == 0) return nullptr;
  task* const item = awaited_only ? shared_.pop_awaited() : shared_.pop();
  if (item == nullptr) return nullptr;
  shared_ready_.fetch_sub(1, std::memory_order_relaxed);
  if (item->awaited) --awaited_;
  return item;
}

scope_task* task_queue::counted_out(scope_task* part) noexcept {
  if (part != nullptr) --parts_;
  return part;
}

scope_task* task_queue::take_newest_part(desk& own, std::uint64_t above) noexcept {
  return own.spawned.height() <= above ? nullptr : counted_out(own.spawned.pop_newest());
}

scope_task* task_queue::take_oldest_part(std::size_t worker) noexcept {
  if (parts_ == 0) return nullptr;
  scope_task* part = foreign_.pop_oldest();
  for (std::size_t i = 1; part == nullptr && i < desks_.size(); ++i) {
    part = desks_[(worker + i) % desks_.size()].spawned.pop_oldest();
  }
  return counted_out(part);
}

std::size_t task_queue::push_part(scope_task& item, std::size_t worker) noexcept {
  const std::lock_guard lock(mutex_);
  (worker == nobody ? foreign_ : desks_[worker].spawned).push(item);
  ++parts_;
  wake_one();
  if (rings_ == desks_.size()) return nobody;
  std::size_t rung = worker == nobody ? next_ring_++ % desks_.size() : worker;
  do {
    rung = (rung + 1) % desks_.size();
  } while (desks_[rung].rung);
  desks_[rung].rung = true;
  ++rings_;
  return rung;
}

task_queue::ring_answer task_queue::answer_part_ring(std::size_t rung, std::size_t worker) noexcept {
  const std::lock_guard lock(mutex_);
  desks_[rung].rung = false;
  --rings_;
  desk& own = desks_[worker];
  scope_task* part = take_newest_part(own, 0);
  if (part == nullptr) part = take_oldest_part(worker);
  const bool ring_again = parts_ != 0 && !own.rung;
  if (ring_again) {
    own.rung = true;
    ++rings_;
  }
  return {.part = part, .ring_again = ring_again};
}

void task_queue::sleep(std::unique_lock<std::mutex>& lock, sleepers& in) {
  ++in.count;
  in.wake_up.wait(lock);
  --in.count;
}

task* task_queue::try_pop(std::size_t worker) noexcept {
  const std::lock_guard lock(mutex_);
  if (task* item = take_directed(desks_[worker])) return item;
  return take_shared(false);
}

task* task_queue::try_pop_directed(std::size_t worker) noexcept {
  const std::lock_guard lock(mutex_);
  return take_directed(desks_[worker]);
}

void task_queue::spin(std::size_t worker, idle_strategy idle, std::uint32_t spin_us) const noexcept {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + std::chrono::microseconds(spin_us);
  const auto nothing = [&] {
    return shared_ready_.load(std::memory_order_relaxed) == 0 &&
           desks_[worker].directed_ready.load(std::memory_order_relaxed) == 0 &&
           !closing_.load(std::memory_order_relaxed);
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
  // Rings that were under way when the pool's library was stopped are gone with it.
  for (desk& each : desks_) each.rung = false;
  rings_ = 0;
}

void task_queue::close() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  closing_.store(true, std::memory_order_relaxed);
  idle_.wake_up.notify_all();
}

void task_queue::help_until(event& done, std::size_t worker) noexcept {
  const stack_use stack = stack_in_use();
  takes which = takes::all;
  if (stack == stack_use::half) which = takes::awaited;
  if (stack == stack_use::full) which = takes::own;
  sleepers& bed = which == takes::all ? helpers_ : deep_;
  std::unique_lock lock(mutex_);
  while (!done.is_set.load(std::memory_order_relaxed)) {
    task* item = take(worker, which);
    const bool nobody_else = deep_.count + 1 == desks_.size();
    if (item == nullptr && which == takes::awaited && nobody_else) item = take(worker, takes::all);
    if (item == nullptr) {
      sleep(lock, bed);
      continue;
    }
    if (has_more()) wake_one();
    desk& own = desks_[worker];
    const std::uint64_t outer = std::exchange(own.base, own.spawned.height());
    lock.unlock();
    owner_.run(*item);
    lock.lock();
    own.base = std::min(outer, own.spawned.height());  // it may have taken what lay below it
  }
  if (has_more()) wake_one();
}

void task_queue::set(event& done) noexcept {
  const std::lock_guard lock(mutex_);
  done.is_set.store(true, std::memory_order_relaxed);
  helpers_.wake_up.notify_all();
  deep_.wake_up.notify_all();
}

}  // namespace pinfold::detail
