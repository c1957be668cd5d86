#include "forks.hpp"

#include <mutex>

#include <pinfold/detail/os.hpp>
#include <pinfold/detail/topology_core.hpp>

#include "process_settings.hpp"

namespace pinfold::detail {
namespace {

constinit std::mutex mutex;
constinit topology_core* first = nullptr;  // guarded by the mutex, as are the links

template <class F>
void for_each_on_the_list(F f) {
  for (topology_core* each = first; each != nullptr; each = each->next_watched()) f(*each);
}

// What is locked here no other thread has half done in the child.
void before_fork() {
  mutex.lock();
  for_each_on_the_list([](topology_core& each) { each.lock_for_fork(); });
  process_settings::lock_for_fork();
}

void unlock() {
  process_settings::unlock_after_fork();
  for_each_on_the_list([](topology_core& each) { each.unlock_after_fork(); });
  mutex.unlock();
}

void in_child() {
  process_settings::abandon_in_child();
  for_each_on_the_list([](topology_core& each) { each.abandon_in_child(); });
  unlock();
  first = nullptr;
}

}  // namespace

void watched_for_forks::enter(topology_core& topology) {
  static const bool registered = [] {
    os::on_fork(before_fork, unlock, in_child);
    return true;
  }();
  (void)registered;
  const std::lock_guard lock(mutex);
  topology.next_watched() = first;
  first = &topology;
}

void watched_for_forks::leave(topology_core& topology) noexcept {
  const std::lock_guard lock(mutex);
  topology_core** link = &first;
  while (*link != nullptr && *link != &topology) link = &(*link)->next_watched();
  if (*link != nullptr) *link = topology.next_watched();
}

}  // namespace pinfold::detail
