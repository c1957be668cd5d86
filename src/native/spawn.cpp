#include <pinfold/native/spawn.hpp>

#include <utility>

#include <pinfold/detail/thread_context.hpp>
#include <pinfold/native/detail/future_state.hpp>

#include "unclaimed_error.hpp"

namespace pinfold {

yielded yield_now() { return detail::require_worker("yield_now").run_any() ? yielded::ran_a_task : yielded::idle; }

yielded yield_local() { return detail::require_worker("yield_local").run_own() ? yielded::ran_a_task : yielded::idle; }

bool has_pending_tasks() {
  const detail::native_worker& worker = detail::require_worker("has_pending_tasks");
  return worker.has_tasks_only_above(worker.first());
}

void sync_all() { detail::require_worker("sync_all").sync_all(); }

namespace detail {

void report_unclaimed(std::exception_ptr error) noexcept {
  print_unclaimed("a future's function", "", std::move(error));
}

}  // namespace detail
}  // namespace pinfold
