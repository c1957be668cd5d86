// From whom a worker steals first: what make_steal_tables() makes of the places of its pool's cores.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include <pinfold/native/detail/steal_order.hpp>

#include "catch.hpp"

using pinfold::core_place;
using pinfold::pin_mode;
using pinfold::pool_spec;
using pinfold::detail::make_steal_tables;
using pinfold::detail::steal_distances;
using pinfold::detail::steal_order;

namespace {

constexpr pool_spec spec_of(std::span<const core_place> places, pin_mode pin = pin_mode::thread) {
  pool_spec spec;
  spec.core_places = places;
  spec.pin = pin;
  return spec;
}

using workers = std::set<std::size_t>;

/// The workers in each of a worker's rings, from the nearest to all.
std::vector<workers> rings_of(const steal_order& tables, std::size_t worker) {
  std::vector<workers> rings;
  for (const auto& ring : tables.rings[worker]) {
    workers members;
    for (std::size_t at = ring.first; at < ring.end; ++at) members.insert(tables.order[at]);
    rings.push_back(members);
  }
  return rings;
}

// Two NUMA nodes of two caches of two cores of two SMT siblings each; CPU numbers as Linux gives them: the siblings
// come after all cores.
constexpr std::array<core_place, 16> two_sockets = [] {
  std::array<core_place, 16> places{};
  for (int cpu = 0; cpu < 16; ++cpu) {
    const int core = cpu % 8;
    places[static_cast<std::size_t>(cpu)] = {.core = core, .cache = core / 2, .numa_node = core / 4};
  }
  return places;
}();

}  // namespace

TEST_CASE("with an unknown machine every ring but the last is the worker itself, and the last is all") {
  static constexpr auto tables = make_steal_tables<3>(spec_of({}));
  for (std::size_t worker = 0; worker < 3; ++worker) {
    CHECK(rings_of(tables.view(), worker) == std::vector<workers>{{worker}, {worker}, {worker}, {0, 1, 2}});
  }
}

TEST_CASE("the siblings of a core come first, then those of the cache, of the node, and all") {
  static constexpr auto tables = make_steal_tables<16>(spec_of(two_sockets));
  CHECK(rings_of(tables.view(), 0) ==
        std::vector<workers>{
            {0, 8}, {0, 1, 8, 9}, {0, 1, 2, 3, 8, 9, 10, 11}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}});
  CHECK(rings_of(tables.view(), 15) == std::vector<workers>{{7, 15},
                                                            {6, 7, 14, 15},
                                                            {4, 5, 6, 7, 12, 13, 14, 15},
                                                            {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}});
}

TEST_CASE("every worker is in the order once, in each of its own rings, and rings only grow") {
  static constexpr auto tables = make_steal_tables<16>(spec_of(two_sockets));
  CHECK(workers(tables.order.begin(), tables.order.end()).size() == 16);
  for (std::size_t worker = 0; worker < 16; ++worker) {
    const auto rings = rings_of(tables.view(), worker);
    REQUIRE(rings.size() == steal_distances);
    for (std::size_t distance = 0; distance < steal_distances; ++distance) {
      REQUIRE(rings[distance].contains(worker));
      if (distance == 0) continue;
      REQUIRE(std::includes(rings[distance].begin(), rings[distance].end(), rings[distance - 1].begin(),
                            rings[distance - 1].end()));
    }
  }
}

TEST_CASE("nearness is mutual: a worker's ring is its neighbours' ring too") {
  static constexpr auto tables = make_steal_tables<16>(spec_of(two_sockets));
  for (std::size_t worker = 0; worker < 16; ++worker) {
    const auto rings = rings_of(tables.view(), worker);
    for (std::size_t distance = 0; distance < steal_distances; ++distance) {
      for (const std::size_t other : rings[distance])
        REQUIRE(rings_of(tables.view(), other)[distance] == rings[distance]);
    }
  }
}

TEST_CASE("cores of one cache on different nodes are not near: numbers of caches count within a node") {
  static constexpr std::array<core_place, 4> places{{{.core = 0, .cache = 0, .numa_node = 0},
                                                     {.core = 1, .cache = 0, .numa_node = 1},
                                                     {.core = 2, .cache = 0, .numa_node = 0},
                                                     {.core = 3, .cache = 0, .numa_node = 1}}};
  static constexpr auto tables = make_steal_tables<4>(spec_of(places));
  CHECK(rings_of(tables.view(), 0) == std::vector<workers>{{0}, {0, 2}, {0, 2}, {0, 1, 2, 3}});
  CHECK(rings_of(tables.view(), 3) == std::vector<workers>{{3}, {1, 3}, {1, 3}, {0, 1, 2, 3}});
}

TEST_CASE("groups of different sizes have rings of different sizes") {
  static constexpr std::array<core_place, 5> places{{{.core = 0, .cache = 0, .numa_node = 0},
                                                     {.core = 1, .cache = 0, .numa_node = 0},
                                                     {.core = 2, .cache = 0, .numa_node = 0},
                                                     {.core = 3, .cache = 1, .numa_node = 0},
                                                     {.core = 4, .cache = 2, .numa_node = 1}}};
  static constexpr auto tables = make_steal_tables<5>(spec_of(places));
  CHECK(rings_of(tables.view(), 1) == std::vector<workers>{{1}, {0, 1, 2}, {0, 1, 2, 3}, {0, 1, 2, 3, 4}});
  CHECK(rings_of(tables.view(), 3) == std::vector<workers>{{3}, {3}, {0, 1, 2, 3}, {0, 1, 2, 3, 4}});
  CHECK(rings_of(tables.view(), 4) == std::vector<workers>{{4}, {4}, {4}, {0, 1, 2, 3, 4}});
}

TEST_CASE("workers that are not pinned one to a core have one ring of all, whatever is known of the cores") {
  static constexpr auto set = make_steal_tables<16>(spec_of(two_sockets, pin_mode::set));
  static constexpr auto none = make_steal_tables<16>(spec_of(two_sockets, pin_mode::none));
  for (const auto& tables : {set.view(), none.view()}) {
    CHECK(rings_of(tables, 5)[2] == workers{5});
    CHECK(rings_of(tables, 5)[3].size() == 16);
  }
}

TEST_CASE("fewer workers than cores only know their own cores") {
  static constexpr auto tables = make_steal_tables<9>(spec_of(two_sockets));
  CHECK(rings_of(tables.view(), 8) ==
        std::vector<workers>{{0, 8}, {0, 1, 8}, {0, 1, 2, 3, 8}, {0, 1, 2, 3, 4, 5, 6, 7, 8}});
}

TEST_CASE("a pool of one worker, and one of none, have tables") {
  static constexpr auto one = make_steal_tables<1>(spec_of({}));
  static_assert(make_steal_tables<0>(spec_of({})).order.empty());
  CHECK(rings_of(one.view(), 0) == std::vector<workers>(4, workers{0}));
}
