// One pool of each kind, so that each pool's header can show at once that it meets the concept `pool`.
#pragma once

#include <array>

#include <pinfold/pool_spec.hpp>

namespace pinfold::detail {

struct sample_tables {
  static constexpr std::array<pool_spec, 3> pools{{
      {.name = "sample", .kind = pool_kind::asio, .threads = 1},
      {.name = "sample", .kind = pool_kind::tbb, .threads = 1},
      {.name = "sample", .kind = pool_kind::native, .threads = 1},
  }};
};

}  // namespace pinfold::detail
