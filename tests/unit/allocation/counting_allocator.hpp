// Counts what the whole process asks of malloc and its relatives, and so of operator new.
#pragma once

#include <cstddef>

namespace pinfold_test {

/// Calls of malloc, calloc, realloc and the aligned ones since the program began, by any thread.
std::size_t allocations_so_far();

/// Those by any thread while `f` runs.
template <class F>
std::size_t allocations_during(F&& f) {
  const std::size_t before = allocations_so_far();
  f();
  return allocations_so_far() - before;
}

}  // namespace pinfold_test
