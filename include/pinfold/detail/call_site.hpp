// The place in the user's code that a pool was called from: known in checked builds, nothing in others.
#pragma once

#include <source_location>

/// 1: the program looks at its crossings from pool to pool, and says what it finds (crossing_warning.hpp). CMake sets
/// it for the whole program, in Debug builds unless told otherwise by its option of the same name. The compiled part of
/// pinfold is the same either way: what depends on it is in headers that no source of pinfold includes.
#ifndef PINFOLD_CHECKED
#define PINFOLD_CHECKED 0
#endif

#ifdef PINFOLD_COMPILED_PART
#error "this header is not for the compiled part of pinfold, which serves checked and unchecked programs alike"
#endif

namespace pinfold::detail {

inline constexpr bool checked = PINFOLD_CHECKED != 0;

/// Stands as `site = call_site::current()` in a signature: the caller's place, since a default argument is the
/// caller's. Two definitions, so a function that takes one has two names: objects of both kinds cannot be confused by
/// the linker.
#if PINFOLD_CHECKED
using call_site = std::source_location;
#else
struct call_site {
  static constexpr call_site current() noexcept { return {}; }
};
#endif

}  // namespace pinfold::detail
