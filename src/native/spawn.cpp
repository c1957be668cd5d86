#include <pinfold/native/spawn.hpp>

#include <cstdio>

#include <pinfold/detail/thread_context.hpp>
#include <pinfold/native/detail/future_state.hpp>

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
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& known) {
    std::fprintf(stderr, "pinfold: a future's function ended with an exception that nobody asked for: %s\n",
                 known.what());
  } catch (...) {
    std::fputs("pinfold: a future's function ended with an exception of unknown type that nobody asked for\n", stderr);
  }
}

}  // namespace detail
}  // namespace pinfold
