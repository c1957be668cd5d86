// Compile-time search of a topology's names.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include <pinfold/pool_spec.hpp>

namespace pinfold::detail {

inline constexpr std::size_t no_pool = static_cast<std::size_t>(-1);

/// The index of the pool that `name` leads to, or no_pool. The generator sorts names by kind, then bytes.
template <class Tables>
constexpr std::size_t find_pool(pool_kind kind, std::string_view name) {
  const auto before = [&](const name_binding& binding, std::string_view sought) {
    return binding.kind != kind ? binding.kind < kind : binding.name < sought;
  };
  const auto at = std::lower_bound(Tables::names.begin(), Tables::names.end(), name, before);
  const bool found = at != Tables::names.end() && at->kind == kind && at->name == name;
  return found ? at->pool : no_pool;
}

/// The pool that stands in for undeclared names of a kind, or no_pool.
template <class Tables>
constexpr std::size_t find_default(pool_kind kind) {
  return Tables::undeclared == undeclared_names::fallback ? find_pool<Tables>(kind, "default") : no_pool;
}

/// The name is no pool's, and the kind's default stands in.
template <class Tables>
constexpr bool stands_in(pool_kind kind, std::string_view name) {
  return find_pool<Tables>(kind, name) == no_pool && find_default<Tables>(kind) != no_pool;
}

/// What a name leads to when its kind is not said: the pool of the only kind that has it.
struct kindless_match {
  std::size_t pool = no_pool;
  std::size_t kinds = 0;
};

template <class Tables>
constexpr kindless_match find_in_all_kinds(std::string_view name) {
  kindless_match match;
  for (const pool_kind kind : {pool_kind::asio, pool_kind::tbb, pool_kind::native}) {
    const std::size_t pool = find_pool<Tables>(kind, name);
    if (pool == no_pool) continue;
    match.pool = pool;
    ++match.kinds;
  }
  return match;
}

}  // namespace pinfold::detail
