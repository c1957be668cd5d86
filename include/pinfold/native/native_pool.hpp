// A pool of task workers that pinfold schedules itself, and of managed threads beside them.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>

#include <pinfold/detail/basic_pool.hpp>
#include <pinfold/detail/sample_tables.hpp>
#include <pinfold/native/detail/native_pool_core.hpp>
#include <pinfold/native/managed_thread.hpp>
#include <pinfold/pool.hpp>

namespace pinfold {

/// `spec.threads` workers take tasks from one queue in the order of arrival; what they do when it is empty is
/// `spec.idle`. Posting does not allocate while one of `task_slots` slots a worker (of 112 bytes) is free.
template <class Tables, std::size_t Index>
class native_pool : private detail::lease_storage<Tables::pools[Index].cores.size()>,
                    public detail::basic_pool<Tables, Index, detail::native_pool_core> {
  using storage = detail::lease_storage<Tables::pools[Index].cores.size()>;
  using base = detail::basic_pool<Tables, Index, detail::native_pool_core>;

 public:
  using base::spec;

  constexpr native_pool() noexcept
      : base(detail::pool_slots<Tables, Index, spec.task_slots * spec.threads>, storage::leases) {}

  /// Starts a thread of the pool's policy and stack that runs `f()`, or `f(std::stop_token)`, which sees the stop of
  /// the topology. The thread holds one of the pool's cores (with `pin = "thread"`: the one that the fewest managed
  /// threads hold, last in the set first, where the workers are not) and gives it and its place among `max_threads`
  /// back when `f` ends.
  /// Any thread; blocks until the new thread is set up; allocates. `name`: 1 to 15 bytes, for the kernel.
  /// Throws thread_limit when `max_threads` are running, thread_failed when it cannot be created or set up,
  /// pool_stopped, std::invalid_argument for the name.
  template <class F>
    requires std::invocable<std::decay_t<F>> || std::invocable<std::decay_t<F>, std::stop_token>
  [[nodiscard]] auto spawn_thread(std::string_view name, F&& f) {
    static_assert(spec.max_threads > 0, "this pool has no managed threads: set max_threads in its table");
    using function = std::decay_t<F>;
    using result = typename detail::managed_result<function>::type;
    auto state = std::make_shared<detail::managed_call<function, result>>(std::forward<F>(f));
    this->core_.spawn(state, name);
    return managed_thread<result>(this->core_, std::move(state));
  }

  /// Managed threads that have not ended. Any thread.
  [[nodiscard]] std::size_t managed_threads() const noexcept { return this->core_.managed_threads(); }
};

static_assert(pool<native_pool<detail::sample_tables, 2>>);

}  // namespace pinfold
