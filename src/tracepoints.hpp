// Static tracepoints (USDT) of provider `pinfold`, which perf and bpftrace attach to: docs/observe.md has the list.
// Without CMake's PINFOLD_TRACEPOINTS they are nothing; else each is a `nop` and a note of where its arguments are.
#pragma once

#include <cstddef>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/task.hpp>
#include <pinfold/detail/thread_context.hpp>

#if PINFOLD_TRACEPOINTS
#define STAP_SDT_ARG_CONSTRAINT nr  // not in memory: tracers cannot read a place that is relative to a thread's %fs
#include <sys/sdt.h>
#else
#define DTRACE_PROBE3(provider, probe, a, b, c) ((void)(a), (void)(b), (void)(c))
#define DTRACE_PROBE4(provider, probe, a, b, c, d) ((void)(a), (void)(b), (void)(c), (void)(d))
#endif

namespace pinfold::detail::tracepoints {

// The first two arguments of each. A name is a literal of the generated source, so it ends with a zero.
inline const char* name_of(const pool_core* pool) noexcept {
  return pool == nullptr ? nullptr : pool->spec().name.data();
}
inline int kind_of(const pool_core* pool) noexcept {
  return pool == nullptr ? -1 : static_cast<int>(pool->spec().kind);
}

inline void post(const pool_core& pool, const task& item) noexcept {
  DTRACE_PROBE3(pinfold, post, name_of(&pool), kind_of(&pool), &item);
}

// A program may run an io_context on a thread of its own, which no pool knows: then there is no name.
inline void start(const task& item) noexcept {
  const pool_core* const pool = this_thread.pool;
  DTRACE_PROBE4(pinfold, start, name_of(pool), kind_of(pool), this_thread.index, &item);
}

inline void finish() noexcept {
  const pool_core* const pool = this_thread.pool;
  DTRACE_PROBE3(pinfold, finish, name_of(pool), kind_of(pool), this_thread.index);
}

inline void steal(const pool_core& pool, std::size_t victim) noexcept {
  DTRACE_PROBE4(pinfold, steal, name_of(&pool), kind_of(&pool), this_thread.index, victim);
}

inline void park(const pool_core& pool) noexcept {
  DTRACE_PROBE3(pinfold, park, name_of(&pool), kind_of(&pool), this_thread.index);
}

inline void wake() noexcept {
  const pool_core* const pool = this_thread.pool;
  DTRACE_PROBE3(pinfold, wake, name_of(pool), kind_of(pool), this_thread.index);
}

}  // namespace pinfold::detail::tracepoints
