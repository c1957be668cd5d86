// The static data of an asio pool.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include <pinfold/asio/detail/asio_pool_core.hpp>
#include <pinfold/asio/detail/inbox.hpp>
#include <pinfold/pool_spec.hpp>

namespace pinfold::detail {

constexpr std::size_t contexts_of(const pool_spec& spec) {
  return spec.contexts == context_mode::per_thread ? spec.threads : 1;
}

/// Variables of their own where they are all zero and cost no space in the binary.
template <class Tables, std::size_t Index>
struct asio_statics {
  static constexpr const pool_spec& spec = Tables::pools[Index];
  static constexpr std::size_t inbox_count = spec.idle == idle_strategy::park ? 0 : contexts_of(spec);
  static constexpr std::size_t inbox_cells = 1024;  // what waits beyond it is linked, not stored

  template <std::size_t... I>
  static constexpr std::array<inbox, inbox_count> inboxes_over(std::span<injector_cell> cells,
                                                               std::index_sequence<I...>) {
    return {inbox(cells.subspan(I * inbox_cells, inbox_cells))...};
  }

  static inline constinit std::array<lazy<served_context>, contexts_of(spec)> contexts{};
  static inline constinit std::array<injector_cell, inbox_count * inbox_cells> cells{};
  static inline constinit std::array<inbox, inbox_count> inboxes =
      inboxes_over(cells, std::make_index_sequence<inbox_count>());
};

}  // namespace pinfold::detail
