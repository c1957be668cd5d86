// Calls with most of a worker's stack in use.
#pragma once

#include <alloca.h>
#include <cstddef>

namespace pinfold_test {

/// Calls `f` with five eighths of a stack of `stack_kib` in use.
template <class F>
[[gnu::noinline]] void deep_in_stack(std::size_t stack_kib, F&& f) {
  void* const used = alloca(stack_kib * 1024 / 8 * 5);
  asm volatile("" : : "r"(used) : "memory");  // who knows what is done with it: it is kept
  f();
  asm volatile("" : : "r"(used) : "memory");
}

}  // namespace pinfold_test
