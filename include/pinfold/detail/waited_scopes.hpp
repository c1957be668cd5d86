// Scopes of one pool whose caller waits for them.
#pragma once

#include <type_traits>
#include <utility>

#include <pinfold/detail/call_site.hpp>
#include <pinfold/detail/counted_entry.hpp>
#include <pinfold/detail/crossing.hpp>
#include <pinfold/detail/part_of_work.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/scope_core.hpp>
#include <pinfold/detail/waited_call.hpp>

namespace pinfold::detail {

/// With the body on a thread of the pool. `call` is what would_block says was called.
template <class Scope, class Body>
std::invoke_result_t<Body, Scope&> scope_in_pool(typename Scope::pool_type& pool, Body&& body, const char* call,
                                                 call_site site) {
  const auto here = [&]() -> std::invoke_result_t<Body, Scope&> {
    return run_scope<Scope>(pool, std::forward<Body>(body));
  };
  if (this_thread.works_for(&pool)) {
    const part_of_work part(pool, admission::of_part);
    return here();
  }
  pool.require_may_wait(call);
  look_at_locks(pool, call, site);
  return run_and_wait(pool, send_reference(pool, site, here), call);
}

/// With the body on the caller. On a worker of the pool the scope is part of its task, or of its handler.
template <class Scope, class Body>
std::invoke_result_t<Body, Scope&> scope_in_place(typename Scope::pool_type& pool, Body&& body, const char* call,
                                                  call_site site) {
  if (this_thread.works_for(&pool)) {
    const part_of_work part(pool, admission::of_part);
    return run_scope<Scope>(pool, std::forward<Body>(body));
  }
  pool.require_may_wait(call);
  look_at_locks(pool, call, site);
  const counted_entry entry(pool);
  return run_scope<Scope>(pool, std::forward<Body>(body));
}

}  // namespace pinfold::detail
