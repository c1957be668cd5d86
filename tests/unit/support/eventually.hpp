// Waiting for what another thread or the kernel does by itself.
#pragma once

#include <chrono>
#include <thread>

namespace pinfold_test {

/// True once `condition()` is. The limit is not part of any contract: it only turns a hang into a failed test.
template <class Condition>
bool eventually(Condition condition) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace pinfold_test
