// Scopes of several pools that end together: tasks that borrow the caller's data, each in the pool that suits it.
#pragma once

#include <concepts>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory_resource>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>

#include <pinfold/cancellation.hpp>
#include <pinfold/detail/call_site.hpp>
#include <pinfold/detail/counted_entry.hpp>
#include <pinfold/detail/crossing.hpp>
#include <pinfold/detail/part_of_work.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/scope_core.hpp>
#include <pinfold/pool_ref.hpp>
#include <pinfold/pool_scope.hpp>

namespace pinfold {

namespace detail {

/// Pools and references to them.
template <class P>
concept scoped_pool = requires(P& p) {
  typename std::remove_cvref_t<P>::scope_type;
  { p.core() } -> std::convertible_to<typename std::remove_cvref_t<P>::scope_type::pool_type&>;
};

/// One scope of several. The pool does not stop while it lives.
template <class Scope>
struct scope_place {
  struct site {
    typename Scope::pool_type& pool;
    scope_core& all;
  };

  explicit scope_place(const site& at) : scope(at.pool, at.all, cancellation) {
    if (this_thread.works_for(&at.pool)) {
      part.emplace(at.pool, admission::of_part);
    } else {
      entry.emplace(at.pool.with_workers());
    }
  }

  std::optional<counted_entry> entry;
  std::optional<part_of_work> part;
  cancellation_source cancellation;
  Scope scope;
};

template <class Body, scoped_pool... Pools>
decltype(auto) run_multi_scope(Body&& body, Pools&... pools) {
  static_assert(std::invocable<Body, typename Pools::scope_type&...>,
                "the last argument of multi_scope is its body, which is called with a scope for each pool, in their "
                "order: multi_scope(disk, net, [&](auto& on_disk, auto& on_net) { ... })");
  (pools.core().require_may_wait("multi_scope"), ...);
  using result = std::invoke_result_t<Body, typename Pools::scope_type&...>;
  waited_scope all;
  std::tuple<scope_place<typename Pools::scope_type>...> places(
      typename scope_place<typename Pools::scope_type>::site{pools.core(), all}...);
  const auto for_all = [&](auto&& f) -> decltype(auto) {
    return std::apply([&](auto&... each) -> decltype(auto) { return f(each.scope...); }, places);
  };
  return run_to_end(
      all,
      [&]() -> result {
        return for_all([&](auto&... each) -> result { return std::invoke(std::forward<Body>(body), each...); });
      },
      [&]() noexcept { for_all([](auto&... each) { (each.run_own(), ...); }); });
}

}  // namespace detail

/// `multi_scope(disk, net, [&](auto& on_disk, auto& on_net) { ... })`: calls the body on the calling thread with a
/// scope for each of the pools, waits until every task spawned in any of them has ended, and returns what the body
/// returned. Tasks may borrow what outlives the call. All of them run even if one throws, in whatever pool, or the body
/// does; then the exception that came first is rethrown. Each scope is cancelled by itself. A pool may be given more
/// than once. Any thread; blocks, and a worker runs its own pool's tasks meanwhile. Does not allocate by itself. Throws
/// would_block on a thread of an asio pool where another pool is among them, pool_stopped where one takes no work.
template <detail::scoped_pool First, class... Rest>
decltype(auto) multi_scope(First&& first, Rest&&... pools_and_body) {
  static_assert(sizeof...(Rest) > 0, "the last argument of multi_scope is its body");
  constexpr std::size_t body = sizeof...(Rest) - 1;
  std::tuple<Rest&&...> rest(std::forward<Rest>(pools_and_body)...);
  return [&]<std::size_t... I>(std::index_sequence<I...>) -> decltype(auto) {
    return detail::run_multi_scope(std::get<body>(std::move(rest)), first, std::get<I>(rest)...);
  }(std::make_index_sequence<body>());
}

/// The scopes of as many pools as there are at run time, in their order.
class pool_scopes {
 public:
  /// How many pools were given.
  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  /// That of the pool at `index`, which is below size().
  [[nodiscard]] pool_scope& operator[](std::size_t index) noexcept { return places_[index].scope; }

  /// Cancels each.
  void cancel() noexcept {
    for (auto& each : places_) each.scope.cancel();
  }

  pool_scopes(const pool_scopes&) = delete;
  pool_scopes& operator=(const pool_scopes&) = delete;

  /// For pinfold itself.
  pool_scopes(std::span<const pool_ref> pools, detail::scope_core& all) {
    for (const pool_ref pool : pools)
      places_.emplace_back(detail::scope_place<pool_scope>::site{.pool = pool.core(), .all = all});
  }
  ~pool_scopes() = default;

 private:
  alignas(std::max_align_t) std::byte bytes_[2048];
  std::pmr::monotonic_buffer_resource memory_{bytes_, sizeof(bytes_)};
  std::pmr::deque<detail::scope_place<pool_scope>> places_{&memory_};
};

/// The same for pools that are chosen at run time:
/// `multi_scope(devices, [&](pinfold::pool_scopes& scopes) { scopes[i].spawn(...); })`. With no pool at all the body
/// runs and that is it. Does not allocate for up to 16 pools.
template <class Body>
  requires std::invocable<Body, pool_scopes&>
std::invoke_result_t<Body, pool_scopes&> multi_scope(std::span<const pool_ref> pools, Body&& body,
                                                     detail::call_site site = detail::call_site::current()) {
  for (const pool_ref pool : pools) {
    if (pool.contains_this_thread()) continue;
    pool.core().require_may_wait("multi_scope");
    detail::look_at_locks(pool.core(), "multi_scope", site);
  }
  detail::waited_scope all;
  pool_scopes scopes(pools, all);
  return detail::run_to_end(
      all, [&]() -> std::invoke_result_t<Body, pool_scopes&> { return std::invoke(std::forward<Body>(body), scopes); },
      []() noexcept {});
}

}  // namespace pinfold
