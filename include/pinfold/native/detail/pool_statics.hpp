// The static data of a native pool.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <pinfold/native/detail/native_pool_core.hpp>
#include <pinfold/pool_spec.hpp>

namespace pinfold::detail {

/// Zero memory but for the tables of pointers.
template <class Tables, std::size_t Index>
struct native_statics {
  static constexpr const pool_spec& spec = Tables::pools[Index];
  static constexpr std::size_t threads = spec.threads;
  static_assert(threads == 0 || std::has_single_bit(spec.inject_slots), "inject_slots is a power of two");

  static inline constinit std::array<worker_storage<spec.task_slots>, threads> workers{};
  static inline constinit std::array<injector_cell, threads == 0 ? 0 : spec.inject_slots> cells{};
  static inline constinit std::array<std::uint32_t, spec.cores.size()> leases{};

  template <std::size_t... I>
  static constexpr std::array<native_worker*, threads> workers_of(std::index_sequence<I...>) {
    return {&workers[I].worker...};
  }
  template <std::size_t... I>
  static constexpr std::array<fork_slot*, threads> slots_of(std::index_sequence<I...>) {
    return {workers[I].slots.data()...};
  }

  static constexpr std::array<native_worker*, threads> worker_table = workers_of(std::make_index_sequence<threads>());
  static constexpr std::array<fork_slot*, threads> slot_table = slots_of(std::make_index_sequence<threads>());
  static constexpr steal_tables<threads> steals = make_steal_tables<threads>(spec);
  static constexpr steal_order order = steals.view();
  static constexpr native_storage storage{
      .workers = worker_table, .slots = slot_table, .cells = cells, .leases = leases, .order = order};
};

}  // namespace pinfold::detail
