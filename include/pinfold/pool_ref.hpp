// A reference to any pool, for code that learns at run time which one it is.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <pinfold/detail/call_site.hpp>
#include <pinfold/detail/crossing.hpp>
#include <pinfold/detail/invoke_operation.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/scope_operation.hpp>
#include <pinfold/detail/thread_context.hpp>
#include <pinfold/detail/waited_call.hpp>
#include <pinfold/detail/waited_scopes.hpp>
#include <pinfold/executor.hpp>
#include <pinfold/latency_histogram.hpp>
#include <pinfold/pool_scope.hpp>
#include <pinfold/pool_spec.hpp>
#include <pinfold/pool_stats.hpp>

namespace pinfold {

/// One pointer, to a pool of any kind of any topology; every pool converts to it. The members may be called by any
/// thread. They do what the pool's own of the same name do, and throw as those; where the pool has no task workers
/// (threads = 0), which the compiler does not notice here, those that hand it work throw pool_stopped.
class pool_ref {
  using call_site = detail::call_site;

 public:
  /// Of a pool, which lives as long as the program.
  template <class Pool>
    requires requires(Pool& pool) {
      { pool.core() } -> std::convertible_to<detail::pool_core&>;
    }
  constexpr pool_ref(Pool& pool) noexcept : core_(&pool.core()) {}

  /// Of native pools too.
  using scope_type = pool_scope;

  /// What the topology file says about the pool.
  [[nodiscard]] const pool_spec& spec() const noexcept { return core_->spec(); }
  /// Number of worker threads.
  [[nodiscard]] std::size_t size() const noexcept { return spec().threads; }
  /// "asio.net". Allocates.
  [[nodiscard]] std::string qualified_name() const { return core_->qualified_name(); }

  /// As the pool's own.
  [[nodiscard]] executor get_executor() const { return {core_->with_workers(), detail::pool_core::any_context}; }

  /// Of a native pool it may wait for room, as there.
  template <class F>
    requires std::invocable<std::decay_t<F>>
  void post(F&& f, call_site site = call_site::current()) const {
    detail::pool_core& pool = core_->with_workers();
    pool.post_with_back_pressure(detail::send(pool, site, std::forward<F>(f)));
  }

  /// As the pool's own.
  /// @{
  template <std::invocable F>
  std::invoke_result_t<F> install(F&& f, call_site site = call_site::current()) const {
    if (contains_this_thread()) return std::invoke(std::forward<F>(f));
    detail::pool_core& pool = core_->with_workers();
    detail::look_at_locks(pool, "install", site);
    return detail::run_and_wait(pool, detail::send_reference(pool, site, std::forward<F>(f)), "install");
  }

  template <class F, class CompletionToken = detail::default_token>
    requires std::invocable<std::decay_t<F>>
  auto async_invoke(F&& f, CompletionToken&& token = {}, call_site site = call_site::current()) const {
    detail::pool_core& pool = core_->with_workers();
    return detail::async_invoke_in(pool, detail::send(pool, site, std::forward<F>(f)),
                                   std::forward<CompletionToken>(token),
                                   detail::submission{.pool = pool, .site = site});
  }

  template <std::invocable<pool_scope&> Body>
  std::invoke_result_t<Body, pool_scope&> scope(Body&& body, call_site site = call_site::current()) const {
    return detail::scope_in_pool<pool_scope>(core_->with_workers(), std::forward<Body>(body), "scope", site);
  }

  template <std::invocable<pool_scope&> Body>
  std::invoke_result_t<Body, pool_scope&> in_place_scope(Body&& body, call_site site = call_site::current()) const {
    return detail::scope_in_place<pool_scope>(core_->with_workers(), std::forward<Body>(body), "in_place_scope", site);
  }

  template <class Body, class CompletionToken = detail::default_token>
    requires std::invocable<std::decay_t<Body>, pool_scope&>
  auto async_scope(Body&& body, CompletionToken&& token = {}, call_site site = call_site::current()) const {
    detail::pool_core& pool = core_->with_workers();
    return detail::async_scope_in<pool_scope>(pool, std::forward<Body>(body), std::forward<CompletionToken>(token),
                                              detail::submission{.pool = pool, .site = site, .call = "async_scope"});
  }

  [[nodiscard]] bool contains_this_thread() const noexcept { return detail::this_thread.works_for(core_); }
  [[nodiscard]] std::optional<std::size_t> this_thread_index() const noexcept {
    return contains_this_thread() ? std::optional(detail::this_thread.index) : std::nullopt;
  }

  [[nodiscard]] bool is_idle() const noexcept { return core_->gate().is_idle(); }
  [[nodiscard]] pool_stats stats() const noexcept { return core_->stats(); }
  [[nodiscard]] pinfold::worker_stats worker_stats(std::size_t thread) const { return core_->worker_stats(thread); }
  [[nodiscard]] latency_histogram latency() const noexcept { return core_->latency(); }
  void wait_idle(call_site site = call_site::current()) const {
    detail::look_at_locks(*core_, "wait_idle", site);
    core_->wait_idle();
  }
  void join(call_site site = call_site::current()) const {
    detail::look_at_locks(*core_, "join", site);
    core_->join();
  }
  /// @}

  /// The same pool.
  friend bool operator==(const pool_ref&, const pool_ref&) = default;

  /// For pinfold itself.
  [[nodiscard]] detail::pool_core& core() const noexcept { return *core_; }

 private:
  friend std::optional<pool_ref> this_pool() noexcept;
  explicit pool_ref(detail::pool_core* core) noexcept : core_(core) {}

  detail::pool_core* core_;
};

/// The pool that the calling thread belongs to: as one of its workers, as a blocking thread of an asio pool, or as a
/// managed thread of a native pool (of the last two contains_this_thread() is false). Nothing on threads that no pool
/// owns, also while they run code inside a TBB arena of a pool. Does not block.
[[nodiscard]] inline std::optional<pool_ref> this_pool() noexcept {
  if (detail::this_thread.pool == nullptr) return std::nullopt;
  return pool_ref(detail::this_thread.pool);
}

}  // namespace pinfold
