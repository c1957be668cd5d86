#include <pinfold/detail/idle_waiters.hpp>

#include <utility>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/topology_core.hpp>

namespace pinfold::detail {
namespace {

idle_waiter** end_of(idle_waiter*& list) noexcept {
  idle_waiter** link = &list;
  while (*link != nullptr) link = &(*link)->next;
  return link;
}

}  // namespace

void idle_waiters::open() noexcept {
  const std::lock_guard lock(mutex_);
  open_ = true;
}

std::uint64_t idle_waiters::new_number() noexcept {
  const std::lock_guard lock(mutex_);
  return ++numbers_;
}

void idle_waiters::watch(const idle_waiter& waiter) const noexcept {
  for (pool_core* pool : topology_.facts().pools) {
    if (waiter.for_topology || pool == &waiter.pool) pool->gate().watch();
  }
}

void idle_waiters::unwatch(const idle_waiter& waiter) const noexcept {
  for (pool_core* pool : topology_.facts().pools) {
    if (waiter.for_topology || pool == &waiter.pool) pool->gate().unwatch();
  }
}

bool idle_waiters::add(idle_waiter& waiter) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!open_) return false;
    *end_of(first_) = &waiter;
    watch(waiter);
  }
  gate_is_idle();
  return true;
}

void idle_waiters::cancel(std::uint64_t number) noexcept {
  idle_waiter* found = nullptr;
  {
    const std::lock_guard lock(mutex_);
    idle_waiter** link = &first_;
    while (*link != nullptr && (*link)->number != number) link = &(*link)->next;
    found = *link;
    if (found == nullptr) return;
    *link = found->next;
    unwatch(*found);
    found->pool.gate().enter_part(0, holding::yes);
  }
  pool_core& pool = found->pool;
  {
    const acts_as_accepted_work as_work(topology_);
    found->abort(*found);
  }
  pool.gate().let_go();
}

// All are looked at before the first becomes work and its pool is not idle any more.
idle_waiter* idle_waiters::take_due() noexcept {
  const std::lock_guard lock(mutex_);
  bool any_for_topology = false;
  for (idle_waiter* each = first_; each != nullptr; each = each->next) any_for_topology |= each->for_topology;
  const bool topology_is_idle = any_for_topology && topology_.is_idle();
  for (idle_waiter* each = first_; each != nullptr; each = each->next) {
    each->is_due = each->for_topology ? topology_is_idle : each->pool.gate().is_idle();
  }
  idle_waiter* due = nullptr;
  idle_waiter** end = &due;
  for (idle_waiter** link = &first_; *link != nullptr;) {
    idle_waiter& each = **link;
    if (!each.is_due) {
      link = &each.next;
      continue;
    }
    *link = std::exchange(each.next, nullptr);
    *end = &each;
    end = &each.next;
    unwatch(each);
    each.pool.gate().enter_part(1, holding::yes);
  }
  return due;
}

// Letting go may make a gate idle again, if the completion has ended by then: that is seen to here, not by recursion.
void idle_waiters::gate_is_idle() noexcept {
  bool again = true;
  while (std::exchange(again, false)) {
    for (idle_waiter* each = take_due(); each != nullptr;) {
      idle_waiter& due = *std::exchange(each, each->next);
      pool_core& pool = due.pool;
      pool.enqueue_or_die(due.completion);
      again |= pool.gate().let_go_unobserved();
    }
  }
}

}  // namespace pinfold::detail
