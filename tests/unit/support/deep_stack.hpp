// Calls with most of a worker's stack in use.
#pragma once

#include <alloca.h>
#include <cstddef>

namespace pinfold_test {

/// Calls `f` with five eighths of a stack of `stack_kib` in use.
template <class F>
[[gnu::noinline]] void deep_in_stack(std::size_t stack_kib, F&& f) {
  volatile char* const used = static_cast<volatile char*>(alloca(stack_kib * 1024 / 8 * 5));
  used[0] = 1;
  f();
  used[0] = 0;
}

}  // namespace pinfold_test
