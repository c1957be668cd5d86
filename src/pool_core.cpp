#include <pinfold/detail/pool_core.hpp>

#include <algorithm>
#include <cstdio>

#include <pinfold/detail/counted_call.hpp>
#include <pinfold/detail/topology_core.hpp>
#include <pinfold/errors.hpp>

#include "names.hpp"

namespace pinfold::detail {

std::string pool_core::qualified_name() const {
  return std::string(name_of(spec_.kind)) + '.' + std::string(spec_.name);
}

void pool_core::refuse() const {
  throw pool_stopped(qualified_name() + " accepts no work: its topology is not running, or stops and takes new work " +
                     "only from work it accepted before; post between start() and stop()");
}

void pool_core::admit() noexcept { running_.store(true, std::memory_order_release); }

void pool_core::require_running() const {
  if (!running_.load(std::memory_order_acquire)) refuse();
}

bool pool_core::is_on_a_thread_of_the_topology() const noexcept {
  return this_thread.role != thread_role::foreign && shares_topology(*this_thread.pool);
}

// What a task of another topology submits is foreign here: nothing waits for that task.
bool pool_core::admits_from_this_thread() const noexcept {
  return this_thread.task_depth != 0 && shares_topology(*this_thread.pool);
}

bool pool_core::try_enter(std::uint64_t count) noexcept { return gate_.enter(admits_from_this_thread(), count); }

bool pool_core::try_enter(std::uint64_t count, admission as) noexcept {
  return as == admission::of_part ? gate_.enter(true, count) : try_enter(count);
}

void pool_core::set_aside(task& item) noexcept {
  const std::lock_guard lock(aside_mutex_);
  aside_.push(item);
}

void pool_core::submit(task& item, std::size_t context, admission as) {
  if (!try_enter(2, as)) refuse();
  hand_over(item, context);
}

void pool_core::submit_part(task& item) {
  (void)gate_.enter(true, 2);
  hand_over(item, any_context);
}

// Counted twice, see work_gate: the task, and this call until it has let go of the pool.
void pool_core::hand_over(task& item, std::size_t context) {
  try {
    enqueue(item, context);
  } catch (...) {
    gate_.leave(2);
    throw;
  }
  gate_.leave();
}

void pool_core::submit_or_discard(task& item, task::function discard, std::size_t context, admission as) {
  const auto discard_now = [&] {
    const bool before = std::exchange(this_thread.discards, true);
    discard(item);
    this_thread.discards = before;
  };
  if (!try_enter(2, as)) {
    const bool is_io_handler = is_on_a_thread_of_the_topology();
    if (!is_io_handler || !topology().tracks_coroutines() || !gate_.enter(true, 2)) {
      item.run = discard;
      if (is_io_handler) return set_aside(item);
      discard_now();
      if (!this_thread.discards) refuse();
      return;
    }
  }
  try {
    hand_over(item, context);
  } catch (...) {
    discard_now();
    throw;
  }
}

void pool_core::submit_to_each(std::span<task* const> items) {
  const auto directed =
      static_cast<std::size_t>(std::ranges::count_if(items, [](const task* item) { return item != nullptr; }));
  if (!try_enter(directed + 1)) refuse();
  for (std::size_t worker = 0; worker < items.size(); ++worker) {
    if (items[worker] != nullptr) direct(*items[worker], worker);
  }
  gate_.leave();
}

void pool_core::run(task& item) noexcept {
  ++this_thread.task_depth;
  item.run(item);
  --this_thread.task_depth;
}

void pool_core::report_escaped(std::exception_ptr error) noexcept {
  topology().report_escaped(*this, std::move(error));
}

// Counted as work meanwhile: the topology, and with it the handler, stays.
void pool_core::report_unclaimed(std::exception_ptr error) noexcept {
  if (const counted_call call(*this); call) return report_escaped(std::move(error));
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& known) {
    std::fprintf(stderr, "pinfold: a coroutine of %s ended with an exception that nobody asked for: %s\n",
                 qualified_name().c_str(), known.what());
  } catch (...) {
    std::fprintf(stderr, "pinfold: a coroutine of %s ended with an exception of unknown type that nobody asked for\n",
                 qualified_name().c_str());
  }
}

void pool_core::require_may_wait(const char* call) const {
  const pool_core* const own = this_thread.pool;
  const bool would_stall = this_thread.role == thread_role::worker && own != this &&
                           own->spec().kind == pool_kind::asio && !own->spec().allow_blocking;
  if (!would_stall) return;
  throw would_block(qualified_name() + '.' + call + "() would stall " + own->qualified_name() +
                    ", whose thread called it and serves I/O: post the work and let it post back, or set " +
                    "allow_blocking = true in [" + own->qualified_name() + ']');
}

std::string pool_core::waits_for_itself(const char* call) const {
  return qualified_name() + '.' + call + "() was called by a thread of the pool itself: its own work would have to " +
         "end first; wait from outside";
}

void pool_core::wait_idle(const char* call) {
  const bool runs_its_work = this_thread.role == thread_role::worker || this_thread.role == thread_role::blocking;
  if (this_thread.pool == this && runs_its_work) {
    throw would_block(waits_for_itself(call));
  }
  require_may_wait(call);
  gate_.wait_idle();
}

// Both at one moment: nothing became outstanding between a moment without and one at which the pool was idle.
void pool_core::join() {
  std::uint64_t before = 0;
  do {
    wait_idle("join");
    outstanding_.wait_idle();
    before = outstanding_.accepted();
    wait_idle("join");
  } while (!outstanding_.is_idle() || outstanding_.accepted() != before);
}

void pool_core::start(topology_core& topology) {
  topology_.store(&topology, std::memory_order_relaxed);
  open();
}

void pool_core::abandon() noexcept {
  running_.store(false, std::memory_order_release);
  this_thread.discards = true;
  abandon_io();
  while (task* item = aside_.pop()) item->run(*item);
  this_thread.discards = false;
}

void pool_core::stop() noexcept {
  this_thread.discards = true;
  close();
  this_thread.discards = false;
}

}  // namespace pinfold::detail
