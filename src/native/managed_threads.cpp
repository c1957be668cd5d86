// The managed threads of native pools.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include <pinfold/detail/topology_core.hpp>
#include <pinfold/errors.hpp>
#include <pinfold/native/detail/native_pool_core.hpp>

#include "problem_text.hpp"
#include "process_settings.hpp"
#include "start_barrier.hpp"
#include "thread_setup.hpp"
#include "unclaimed_error.hpp"

namespace pinfold::detail {
namespace {

// Shared by spawner and new thread, since either may be the last at the barrier.
struct newborn {
  std::shared_ptr<thread_plan> plan = std::make_shared<thread_plan>();  // the thread's state has it, too
  std::shared_ptr<managed_state> state;
  std::vector<problem> problems;
  std::exception_ptr failed;  // its setup
  start_barrier barrier;
  void (*finish)(pool_core& pool, managed_state& state) noexcept;
  std::shared_ptr<newborn> for_the_thread;
};

// Whose thread this is. A number of the kernel's would not tell: it may be another thread's by now.
constinit thread_local const managed_state* own_state = nullptr;

// Not in a child that the thread has forked, where it is not.
bool is_this_thread(const managed_state& thread) noexcept {
  return own_state == &thread && thread.handle.forks == os::forks_so_far();
}

void* managed_main(void* argument) {
  std::optional<pool_thread_mark> mark;  // it outlives what the function has captured
  const std::shared_ptr<newborn> birth = std::move(static_cast<newborn*>(argument)->for_the_thread);
  birth->state->thread_id = os::this_thread_id();
  try {
    mark.emplace();
    birth->problems = set_up_this_thread(*birth->plan);
  } catch (...) {
    birth->failed = std::current_exception();
  }
  if (!birth->barrier.arrive_and_wait()) return nullptr;
  pool_core& pool = *birth->plan->pool;
  this_thread = {.pool = &pool, .index = 0, .role = thread_role::managed, .task_depth = 1};
  own_state = birth->state.get();
  birth->state->run();
  birth->finish(pool, *birth->state);
  return nullptr;
}

}  // namespace

void native_pool_core::spawn(const std::shared_ptr<managed_state>& thread, std::string_view name) {
  if (name.empty() || name.size() > max_thread_name) {
    throw std::invalid_argument(qualified_name() + ".spawn_thread(): the name '" + std::string(name) + "' has " +
                                std::to_string(name.size()) + " bytes; the kernel keeps 1 to " +
                                std::to_string(max_thread_name));
  }
  thread->name = name;
  enter(0, holding::yes);  // while it is born, so that a stop waits and then finds it in the list
  try {
    admit(*thread);
    try {
      start_thread(thread);
    } catch (...) {
      give_back(*thread);
      throw;
    }
  } catch (...) {
    gate().let_go();
    throw;
  }
  gate().let_go();
}

// Of the cores with the fewest managed threads the last in the set: the workers are pinned from its start.
void native_pool_core::admit(managed_state& thread) {
  const std::lock_guard lock(managed_mutex_);
  if (managed_ == spec().max_threads) {
    throw thread_limit(qualified_name() + ".spawn_thread('" + thread.name + "'): needs a free place; all " +
                       std::to_string(managed_) + " of max_threads are running: raise max_threads in [" +
                       qualified_name() + "], or spawn when one has ended");
  }
  ++managed_;
  if (storage_.leases.empty()) return;
  const auto least = std::ranges::min_element(storage_.leases.rbegin(), storage_.leases.rend());
  ++*least;
  thread.lease = static_cast<std::size_t>(storage_.leases.rend() - least) - 1;
}

void native_pool_core::give_back(managed_state& thread) noexcept {
  const std::lock_guard lock(managed_mutex_);
  --managed_;
  if (!storage_.leases.empty()) --storage_.leases[thread.lease];
}

// In a child that the thread has forked the pool has forgotten it.
void native_pool_core::finish(managed_state& thread) noexcept {
  if (thread.handle.forks != os::forks_so_far()) return;
  give_back(thread);
  const std::lock_guard lock(managed_mutex_);
  thread.finished.store(true, std::memory_order_release);
  managed_joiner* next = std::exchange(thread.joiners, nullptr);
  while (next != nullptr) {
    managed_joiner& woken = *std::exchange(next, next->next);  // set() ends its life
    woken.ended.set();
  }
  if (managed_ended_ != nullptr) managed_ended_->notify_one();
}

void native_pool_core::start_thread(const std::shared_ptr<managed_state>& thread) {
  const auto birth = std::make_shared<newborn>();
  birth->state = thread;
  *birth->plan = topology().plan_managed_thread(*this, thread->name, thread->lease);
  thread->plan = birth->plan;
  birth->finish = [](pool_core& pool, managed_state& state) noexcept {
    static_cast<native_pool_core&>(pool).finish(state);
  };
  birth->for_the_thread = birth;
  if (const auto error = os::create_thread(thread->handle, stack_bytes(), managed_main, birth.get())) {
    birth->for_the_thread = nullptr;
    throw thread_failed(describe(*birth->plan) + " cannot be created: " + error.message() +
                        "; raise the limits (ulimit -u, TasksMax=, pids cgroup) or lower stack_kib");
  }
  birth->barrier.wait_for(1);
  const bool works = birth->problems.empty() || topology().facts().on_failure == failure_response::degrade;
  if (!works || birth->failed) {
    birth->barrier.decide(false);
    os::join(thread->handle);
    if (birth->failed) std::rethrow_exception(birth->failed);
    throw thread_failed(describe(*birth->plan) + " cannot run as declared:" + problem_paragraphs(birth->problems));
  }
  add(*thread);
  birth->barrier.decide(true);
}

// A stop that begins later finds the thread in the list; one that began before has closed the gate to new work.
void native_pool_core::add(managed_state& thread) noexcept {
  {
    const std::lock_guard lock(managed_mutex_);
    thread.next = std::exchange(unjoined_, &thread);
  }
  if (!gate().is_open()) thread.stop.request_stop();
}

void native_pool_core::remove(managed_state& thread) noexcept {
  const std::lock_guard lock(managed_mutex_);
  for (managed_state** link = &unjoined_; *link != nullptr; link = &(*link)->next) {
    if (*link != &thread) continue;
    *link = thread.next;
    return;
  }
}

void native_pool_core::join(managed_state& thread) noexcept {
  await_end(thread);
  std::call_once(thread.joined, [&] { os::join(thread.handle); });
  remove(thread);
}

void native_pool_core::require_may_join(const managed_state& thread) const {
  if (is_this_thread(thread)) {
    throw would_block("managed thread '" + thread.name + "' of " + qualified_name() +
                      " joins itself, which could never end: join it from another thread");
  }
  require_may_wait("managed_thread::join");
}

void native_pool_core::end_process_if_called_by(const managed_state& thread) const noexcept {
  if (!is_this_thread(thread)) return;
  std::fprintf(stderr,
               "pinfold: managed thread '%s' of %s destroys its own handle, which would join it: destroy or assign the "
               "handle on another thread\n",
               thread.name.c_str(), qualified_name().c_str());
  std::terminate();
}

// A worker that waits runs its pool's tasks meanwhile; the thread may need them to end. In a forked child neither is.
void native_pool_core::await_end(managed_state& thread) noexcept {
  if (this_thread.role != thread_role::worker || thread.handle.forks != os::forks_so_far()) return;
  managed_joiner self;
  {
    const std::lock_guard lock(managed_mutex_);
    if (thread.finished.load(std::memory_order_acquire)) return;
    self.next = std::exchange(thread.joiners, &self);
  }
  self.ended.wait();
}

void native_pool_core::abandon_in_child() noexcept {
  pool_core::abandon_in_child();
  std::construct_at(&managed_mutex_);
  managed_ = 0;
  unjoined_ = nullptr;
  managed_ended_ = nullptr;
}

bool native_pool_core::has_managed_threads() const noexcept {
  const std::lock_guard lock(managed_mutex_);
  return unjoined_ != nullptr;
}

std::size_t native_pool_core::managed_threads() const noexcept {
  const std::lock_guard lock(managed_mutex_);
  return managed_;
}

// One at a time and without the mutex: stop callbacks are the program's code.
void native_pool_core::request_stop() noexcept {
  for (;;) {
    std::shared_ptr<managed_state> next;
    {
      const std::lock_guard lock(managed_mutex_);
      for (managed_state* each = unjoined_; each != nullptr && !next; each = each->next) {
        if (!each->stop.stop_requested()) next = each->shared_from_this();
      }
    }
    if (!next) return;
    next->stop.request_stop();
  }
}

// One at a time, because joining must not hold the mutex that the thread needs to end. Without a deadline a worker, of
// another topology then, runs its pool's tasks meanwhile.
bool native_pool_core::join_managed_threads(deadline limit) noexcept {
  for (;;) {
    std::shared_ptr<managed_state> next;
    {
      std::unique_lock lock(managed_mutex_);
      if (unjoined_ == nullptr) return true;
      next = unjoined_->shared_from_this();
      if (limit != no_deadline && !await_end_until(*next, lock, limit)) return false;
    }
    join(*next);
  }
}

bool native_pool_core::await_end_until(const managed_state& thread, std::unique_lock<std::mutex>& lock,
                                       deadline limit) noexcept {
  std::condition_variable ended;
  managed_ended_ = &ended;
  const bool in_time = wait_until(ended, lock, limit, [&] { return thread.finished.load(std::memory_order_relaxed); });
  managed_ended_ = nullptr;
  return in_time;
}

std::vector<managed_thread_facts> native_pool_core::living_managed_threads() const {
  const std::lock_guard lock(managed_mutex_);
  std::vector<managed_thread_facts> living;
  for (const managed_state* each = unjoined_; each != nullptr; each = each->next) {
    if (!each->finished.load(std::memory_order_relaxed)) {
      living.push_back({.name = each->name, .plan = each->plan, .id = each->thread_id});
    }
  }
  return living;
}

void native_pool_core::report_unclaimed(const managed_state& thread, std::exception_ptr error) noexcept {
  print_unclaimed("managed thread", thread.name.c_str(), std::move(error));
}

}  // namespace pinfold::detail
