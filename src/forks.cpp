#include "forks.hpp"

#include <mutex>
#include <new>
#include <utility>

#include <pinfold/detail/os.hpp>
#include <pinfold/detail/topology_core.hpp>

#include "process_settings.hpp"

namespace pinfold::detail {
namespace {

// Topologies have static storage, and stay on the list.
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
}

void register_once() {
  static const bool registered = [] {
    os::on_fork(before_fork, unlock, in_child);
    return true;
  }();
  (void)registered;
}

// Before main(), as a rule, while there is one thread: who is forked in the midst of another thread's registration
// would wait for its end. Where memory is short a start tries again, and says so.
[[maybe_unused]] const bool tried_early = [] {
  try {
    register_once();
  } catch (const std::bad_alloc&) {
    return false;
  }
  return true;
}();

}  // namespace

void watch_for_forks(topology_core& topology) {
  register_once();
  const std::lock_guard lock(mutex);
  if (topology.is_watched()) return;
  topology.next_watched() = std::exchange(first, &topology);
  topology.is_watched() = true;
}

}  // namespace pinfold::detail
