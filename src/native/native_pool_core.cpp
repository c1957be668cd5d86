#include <pinfold/native/detail/native_pool_core.hpp>

#include <string>

#include <pinfold/detail/event.hpp>
#include <pinfold/detail/scope_task.hpp>
#include <pinfold/detail/thread_context.hpp>
#include <pinfold/detail/topology_core.hpp>
#include <pinfold/native/detail/spawned_call.hpp>

#include "probes.hpp"

namespace pinfold::detail {

void native_pool_core::open() {
  context_.emplace();
  closing_.store(false);
  sleepers_.open(workers().size());
  for (std::uint32_t i = 0; i < workers().size(); ++i) {
    workers()[i]->open(*this, i, {storage_.slots[i], spec().task_slots}, storage_.order);
  }
}

void native_pool_core::close() noexcept { context_.reset(); }

void native_pool_core::work(thread_role, std::size_t index) { workers()[index]->serve(closing_); }

void native_pool_core::release() noexcept {
  closing_.store(true);
  for (native_worker* each : workers()) each->unpark();
}

std::uint64_t native_pool_core::overflowed() const noexcept {
  std::uint64_t sum = 0;
  for (const native_worker* each : workers()) sum += each->overflowed();
  return sum;
}

std::uint64_t native_pool_core::forked_inline(std::size_t index) const noexcept {
  return workers()[index]->overflowed();
}

void native_pool_core::wake_for(bool awaited) noexcept {
  sleepers_.wake_one(awaited ? work_kind::awaited : work_kind::injected);
}

// The task may be gone once it is in the queue.
void native_pool_core::enqueue(task& item, std::size_t) {
  const bool awaited = item.is_awaited();
  injector_.push(item);
  wake_for(awaited);
}

void native_pool_core::spawn_part(scope_task& item) {
  if (native_worker* const worker = worker_here()) {
    push_spawned(*worker, [&item]() noexcept {
      item.run(item);
      return []() noexcept {};
    });
  } else {
    submit_uncounted(item);
  }
}

bool native_pool_core::try_submit(task& item) {
  enter(1, holding::yes);
  probes::posted(*this, item);
  const bool taken = injector_.try_push(item);
  if (taken) {
    wake_for(false);
    gate().let_go();
  } else {
    probes::taken_back(item);
    count_refused(1);
    gate().take_back(1, holding::yes);
  }
  return taken;
}

// Workers that waited for room in each other's pools would wait for ever; and work is not to wait for its own
// offspring.
void native_pool_core::submit_or_wait(task& item) {
  enter(1, holding::yes);
  probes::posted(*this, item);
  if (this_thread.role == thread_role::worker) {
    injector_.push(item);
  } else {
    injector_.push_or_wait(item);
  }
  wake_for(false);
  gate().let_go();
}

void native_pool_core::direct(task& item, std::size_t worker) noexcept { workers()[worker]->mail(item); }

void native_pool_core::await(event& done, std::size_t index) noexcept { workers()[index]->await(done); }

// The waiter may leave as soon as it sees the flag; the worker stays.
void native_pool_core::set(event& done, std::size_t index) noexcept {
  done.is_set.store(true);
  workers()[index]->unpark();
}

boost::asio::execution_context& native_pool_core::execution_context(std::size_t) {
  require_running();
  return *context_;
}

}  // namespace pinfold::detail
