// Who runs a forked function: made certain, not left to chance.
#pragma once

#include <atomic>
#include <thread>

#include "crew_pools.hpp"

namespace pinfold_test {

/// Forks until `condition()` holds: at each fork a worker notices who asks for its oldest task.
template <class Condition>
void offer_until(Condition condition) {
  while (!condition()) {
    pinfold::fork([] {}).join();
    std::this_thread::yield();
  }
}

/// Nobody is there to take it: it runs in its join.
struct kept {
  static auto& pool() { return crews::native_pools::one; }
  static void settle(const std::atomic<bool>&) {}
};

/// Another worker has begun it before this one goes on.
struct stolen {
  static auto& pool() { return crews::native_pools::two; }
  static void settle(const std::atomic<bool>& begun) {
    offer_until([&] { return begun.load(); });
  }
};

}  // namespace pinfold_test
