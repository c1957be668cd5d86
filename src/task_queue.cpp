#include <pinfold/detail/task_queue.hpp>

#include <algorithm>
#include <utility>

#include <pinfold/detail/event.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/thread_context.hpp>
#include <pinfold/detail/vain_looks.hpp>

#include "probes.hpp"

namespace pinfold::detail {

// The task may be gone once it is in the queue.
void task_queue::push(task& item) noexcept {
  const bool awaited = item.is_awaited();
  shared_.push(item);
  if (asleep_.load() == 0) return;
  const std::lock_guard lock(mutex_);
  wake_one(awaited);
}

// Those near the end of their stacks take nothing of the kind.
void task_queue::wake_one(bool deep_ones_too) noexcept {
  if (idle_.count != 0) {
    idle_.wake_up.notify_one();
  } else if (helpers_.count != 0) {
    helpers_.wake_up.notify_one();
  } else if (deep_ones_too || !foreign_.empty() || all_are_deep(0)) {
    deep_.wake_up.notify_one();
  }
}

void task_queue::wake_next() noexcept {
  if (has_more()) wake_one(shared_.may_have_tasks(true));
}

bool task_queue::has_more() const noexcept { return parts_ != 0 || shared_.may_have_tasks(false); }

bool task_queue::all_are_deep(std::size_t besides) const noexcept {
  return deep_.count + full_.count + besides == desks_.size();
}

void task_queue::push_to(std::size_t worker, task& item) noexcept {
  const std::lock_guard lock(mutex_);
  desks_[worker].directed.push(item);
  desks_[worker].directed_ready.fetch_add(1, std::memory_order_relaxed);
  directed_ready_.fetch_add(1, std::memory_order_relaxed);
  for (sleepers* each : {&idle_, &helpers_, &deep_, &full_}) each->wake_up.notify_all();
}

// First what nobody else can run, then what the functions below on this thread wait for or have spawned.
task* task_queue::take(std::size_t worker, takes which) noexcept {
  desk& own = desks_[worker];
  if (task* item = take_directed(own)) return item;
  if (task* item = take_newest_part(own, which == takes::all ? 0 : own.base)) return item;
  if (which == takes::own) return nullptr;
  if (task* item = which == takes::all ? take_oldest_part(worker) : counted_out(foreign_.pop_oldest())) return item;
  return shared_.pop(which == takes::awaited);
}

task* task_queue::take_directed(desk& own) noexcept {
  task* const item = own.directed.pop();
  if (item == nullptr) return nullptr;
  own.directed_ready.fetch_sub(1, std::memory_order_relaxed);
  directed_ready_.fetch_sub(1, std::memory_order_relaxed);
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
  wake_one(false);
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

// The last look. It may find a task that nobody can take yet, because it is not quite published: then the mutex is let
// go of for a moment.
void task_queue::sleep(std::unique_lock<std::mutex>& lock, sleepers& in, takes which,
                       vain_looks& unpublished) noexcept {
  ++in.count;
  asleep_.fetch_add(1);
  const bool takes_any = which == takes::all || (which == takes::awaited && all_are_deep(0));
  if (which == takes::own || !shared_.may_have_tasks(!takes_any)) {
    if (which == takes::own && all_are_deep(0) && has_more()) deep_.wake_up.notify_one();
    const probes::asleep watched(owner_);
    in.wake_up.wait(lock);
  } else {
    lock.unlock();
    unpublished.pause();
    lock.lock();
  }
  asleep_.fetch_sub(1);
  --in.count;
}

task* task_queue::try_pop(std::size_t worker) noexcept {
  if (task* item = try_pop_directed(worker)) return item;
  return shared_.pop(false);
}

task* task_queue::try_pop_directed(std::size_t worker) noexcept {
  if (desks_[worker].directed_ready.load(std::memory_order_relaxed) == 0) return nullptr;
  const std::lock_guard lock(mutex_);
  return take_directed(desks_[worker]);
}

task* task_queue::pop(std::size_t worker) noexcept {
  if (task* item = try_pop(worker)) return item;
  vain_looks unpublished;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (task* item = take(worker, takes::all)) {
      wake_next();
      return item;
    }
    if (closed_) return nullptr;
    sleep(lock, idle_, takes::all, unpublished);
  }
}

void task_queue::open() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = false;
  // Rings that were under way when the pool's library was stopped are gone with it.
  for (desk& each : desks_) each.rung = false;
  rings_ = 0;
}

void task_queue::close() noexcept {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  idle_.wake_up.notify_all();
}

void task_queue::help_until(event& done, std::size_t worker) noexcept {
  const stack_use stack = stack_in_use();
  takes which = takes::all;
  sleepers* bed = &helpers_;
  if (stack == stack_use::half) {
    which = takes::awaited;
    bed = &deep_;
  } else if (stack == stack_use::full) {
    which = takes::own;
    bed = &full_;
  }
  vain_looks unpublished;
  std::unique_lock lock(mutex_);
  while (!done.is_set.load(std::memory_order_relaxed)) {
    task* item = take(worker, which);
    if (item == nullptr && which == takes::awaited && all_are_deep(1)) item = take(worker, takes::all);
    if (item == nullptr) {
      sleep(lock, *bed, which, unpublished);
      continue;
    }
    wake_next();
    desk& own = desks_[worker];
    const std::uint64_t outer = std::exchange(own.base, own.spawned.height());
    lock.unlock();
    owner_.run(*item);
    lock.lock();
    own.base = std::min(outer, own.spawned.height());  // it may have taken what lay below it
  }
  wake_next();
}

void task_queue::set(event& done) noexcept {
  const std::lock_guard lock(mutex_);
  done.is_set.store(true, std::memory_order_relaxed);
  for (sleepers* each : {&helpers_, &deep_, &full_}) each->wake_up.notify_all();
}

}  // namespace pinfold::detail
