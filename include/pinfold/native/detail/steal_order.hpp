// From whom a worker steals first: near cores, in an order known at compile time.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <pinfold/pool_spec.hpp>

namespace pinfold::detail {

/// Workers lie in `order` so that those who share something (a core, a cache, a NUMA node) are neighbours: what a
/// worker shares with others is an interval of it. `rings` are these intervals for each worker, from the nearest to
/// all.
struct steal_ring {
  std::uint16_t first = 0;
  std::uint16_t end = 0;  // one past the last

  [[nodiscard]] constexpr bool contains(std::size_t at) const noexcept { return first <= at && at < end; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return end - first; }
};

inline constexpr std::size_t steal_distances = 4;  // same core, same cache, same NUMA node, anywhere
using steal_rings = std::array<steal_ring, steal_distances>;

/// Refers to static tables.
struct steal_order {
  std::span<const std::uint16_t> order;
  std::span<const steal_rings> rings;
};

template <std::size_t Workers>
struct steal_tables {
  std::array<std::uint16_t, Workers> order{};
  std::array<steal_rings, Workers> rings{};

  [[nodiscard]] constexpr steal_order view() const noexcept { return {.order = order, .rings = rings}; }
};

/// Where nothing is known of the machine, or the workers are not pinned one to a core, there is one ring of all.
template <std::size_t Workers>
constexpr steal_tables<Workers> make_steal_tables(const pool_spec& spec) {
  static_assert(Workers <= max_pool_threads);
  steal_tables<Workers> tables;
  for (std::size_t i = 0; i < Workers; ++i) tables.order[i] = static_cast<std::uint16_t>(i);

  const bool known = spec.pin == pin_mode::thread && !spec.core_places.empty();
  // How many of the distances' groups two workers share: 0 none, 1 the NUMA node, 2 the cache too, 3 the core too.
  const auto group = [&](std::size_t worker, std::size_t shared) {
    const core_place& place = spec.core_places[worker];
    const std::array<int, 3> groups{place.numa_node, place.cache, place.core};
    return groups[shared];
  };
  if (known) {
    std::ranges::sort(tables.order, [&](std::size_t a, std::size_t b) {
      for (std::size_t shared = 0; shared < 3; ++shared) {
        if (group(a, shared) != group(b, shared)) return group(a, shared) < group(b, shared);
      }
      return a < b;
    });
  }
  const auto share = [&](std::size_t a, std::size_t b, std::size_t groups) {
    for (std::size_t shared = 0; shared < groups; ++shared) {
      if (group(a, shared) != group(b, shared)) return false;
    }
    return true;
  };
  for (std::size_t at = 0; at < Workers; ++at) {
    const std::size_t worker = tables.order[at];
    for (std::size_t distance = 0; distance < steal_distances; ++distance) {
      steal_ring ring{.first = 0, .end = static_cast<std::uint16_t>(Workers)};
      if (distance != steal_distances - 1) {
        const std::size_t groups = known ? 3 - distance : 0;
        const auto near = [&](std::size_t other) { return known && share(worker, tables.order[other], groups); };
        std::size_t first = at;
        std::size_t end = at + 1;
        while (first > 0 && near(first - 1)) --first;
        while (end < Workers && near(end)) ++end;
        ring = {.first = static_cast<std::uint16_t>(first), .end = static_cast<std::uint16_t>(end)};
      }
      tables.rings[worker][distance] = ring;
    }
  }
  return tables;
}

}  // namespace pinfold::detail
