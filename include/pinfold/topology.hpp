// The object generated from a topology file: compile-time lookup of pools, and start().
#pragma once

#include <boost/hana/for_each.hpp>
#include <boost/hana/integral_constant.hpp>
#include <boost/hana/range.hpp>
#include <boost/hana/string.hpp>
#include <cstddef>
#include <string_view>
#include <utility>

#include <pinfold/detail/call_site.hpp>
#include <pinfold/detail/default_token.hpp>
#include <pinfold/detail/name_lookup.hpp>
#include <pinfold/detail/topology_core.hpp>
#include <pinfold/fixed_string.hpp>
#include <pinfold/multi_scope.hpp>
#include <pinfold/pool_ref.hpp>
#include <pinfold/pool_spec.hpp>
#include <pinfold/running_topology.hpp>
#include <pinfold/start_options.hpp>
#include <pinfold/topology_ref.hpp>
#include <pinfold/version.hpp>

namespace pinfold {

/// `"net"_s`: Boost.Hana's own literal.
namespace literals {
using namespace boost::hana::literals;
}

namespace detail {
struct no_object {};
}  // namespace detail

/// The pool object of an index; the generated header specialises it.
template <class Tables, std::size_t Index>
inline constexpr detail::no_object pool_object{};

/// A topology's compile-time face. Every lookup is resolved by the compiler and costs one address load.
///
/// `asio<"net">()`, `tbb<"...">()` and `native<"...">()` take a declared name or alias of that kind. Another name gets
/// the kind's pool `default` with a compile warning; without such a pool, or with `undeclared = "error"`, it fails to
/// compile and lists what is declared.
template <class Tables>
class topology {
 public:
  /// As in the topology file: also the namespace.
  static constexpr std::string_view name() { return Tables::name; }
  /// How many pools of all kinds it has.
  static constexpr std::size_t size() { return Tables::pools.size(); }

  /// The asio pool of this name or alias.
  template <fixed_string Name>
    requires(!detail::stands_in<Tables>(pool_kind::asio, Name.view()))
  static constexpr auto& asio() {
    constexpr std::size_t pool = detail::find_pool<Tables>(pool_kind::asio, Name.view());
    Tables::template require_asio<Name, pool != detail::no_pool>();
    return object<pool>();
  }

  /// The asio pool `default`, where no other has the name.
  template <fixed_string Name>
    requires(detail::stands_in<Tables>(pool_kind::asio, Name.view()))
  [[deprecated("no asio pool or alias has this name: the asio pool 'default' stands in")]]  //
  static constexpr auto&
  asio() {
    return object<detail::find_default<Tables>(pool_kind::asio)>();
  }

  /// The tbb pool of this name or alias.
  template <fixed_string Name>
    requires(!detail::stands_in<Tables>(pool_kind::tbb, Name.view()))
  static constexpr auto& tbb() {
    constexpr std::size_t pool = detail::find_pool<Tables>(pool_kind::tbb, Name.view());
    Tables::template require_tbb<Name, pool != detail::no_pool>();
    return object<pool>();
  }

  /// The tbb pool `default`, where no other has the name.
  template <fixed_string Name>
    requires(detail::stands_in<Tables>(pool_kind::tbb, Name.view()))
  [[deprecated("no tbb pool or alias has this name: the tbb pool 'default' stands in")]]  //
  static constexpr auto&
  tbb() {
    return object<detail::find_default<Tables>(pool_kind::tbb)>();
  }

  /// The native pool of this name or alias.
  template <fixed_string Name>
    requires(!detail::stands_in<Tables>(pool_kind::native, Name.view()))
  static constexpr auto& native() {
    constexpr std::size_t pool = detail::find_pool<Tables>(pool_kind::native, Name.view());
    Tables::template require_native<Name, pool != detail::no_pool>();
    return object<pool>();
  }

  /// The native pool `default`, where no other has the name.
  template <fixed_string Name>
    requires(detail::stands_in<Tables>(pool_kind::native, Name.view()))
  [[deprecated("no native pool or alias has this name: the native pool 'default' stands in")]]  //
  static constexpr auto&
  native() {
    return object<detail::find_default<Tables>(pool_kind::native)>();
  }

  /// `topology["net"_s]`: the pool whose name or alias this is, whatever its kind. The name must be one kind's only.
  template <char... Characters>
  constexpr auto& operator[](boost::hana::string<Characters...>) const {
    constexpr char characters[] = {Characters..., '\0'};
    return named<fixed_string<sizeof...(Characters) + 1>{characters}>();
  }

  /// `topology.async_invoke<"sig_verify">(f, token)`: async_invoke() of the pool whose name or alias this is, whatever
  /// its kind.
  template <fixed_string Name, class F, class CompletionToken = detail::default_token>
  auto async_invoke(F&& f, CompletionToken&& token = {}, detail::call_site site = detail::call_site::current()) const {
    return named<Name>().async_invoke(std::forward<F>(f), std::forward<CompletionToken>(token), site);
  }

  /// Calls `f(pool)` for every pool in declared order; the type of `pool` is its own each time.
  template <class F>
  static constexpr void for_each(F&& f) {
    boost::hana::for_each(boost::hana::make_range(boost::hana::size_c<0>, boost::hana::size_c<size()>),
                          [&f](auto index) { f(object<decltype(index)::value>()); });
  }

  /// Starts every pool in declared order. May be called from any thread that is no pool's; blocks until all threads
  /// are set up and checked. Throws `start_error` with every problem, or std::bad_alloc; then no thread of the topology
  /// is left. After the running topology has stopped it may be started again; in a forked child, if it did not run at
  /// the fork.
  [[nodiscard("the topology stops when what start() returns is destroyed: keep it")]]  //
  running_topology
  start(start_options options = {}) const {
    detail::topology_core::started started = Tables::core.start(std::move(options));
    return {Tables::core, started.generation, std::move(started.problems), std::move(started.warnings)};
  }

  /// From the success of start() to the end of the stop. Any thread; does not block.
  [[nodiscard]] static bool is_running() noexcept { return Tables::core.current_run() != 0; }

 private:
  template <fixed_string Name>
  static constexpr auto& named() {
    constexpr detail::kindless_match match = detail::find_in_all_kinds<Tables>(Name.view());
    static_assert(match.kinds < 2,
                  "pools of several kinds have this name: say which with asio<\"...\">(), tbb<\"...\">() or "
                  "native<\"...\">()");
    Tables::template require_pool<Name, match.kinds != 0>();
    return object<match.pool>();
  }

  // A name that was not found has already failed above; any object will do to keep the compiler's list short.
  template <std::size_t Index>
  static constexpr auto& object() {
    return pool_object < Tables, Index == detail::no_pool ? 0 : Index > ;
  }
};

}  // namespace pinfold
