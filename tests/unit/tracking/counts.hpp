// What a pool's counts grew by.
#pragma once

#include <cstdint>
#include <ostream>

#include <pinfold/pool_stats.hpp>

namespace pinfold {

inline std::ostream& operator<<(std::ostream& out, const pool_stats& stats) {
  return out << stats.accepted << " accepted, " << stats.running << " running, " << stats.finished << " finished";
}

}  // namespace pinfold

namespace pinfold_test {

/// Counts since it was made.
template <class Pool>
class counts_since {
 public:
  explicit counts_since(const Pool& pool) : pool_(&pool), before_(pool.stats()) {}

  [[nodiscard]] pinfold::pool_stats now() const {
    const pinfold::pool_stats stats = pool_->stats();
    return {.accepted = stats.accepted - before_.accepted,
            .running = stats.running,
            .finished = stats.finished - before_.finished};
  }

 private:
  const Pool* pool_;
  pinfold::pool_stats before_;
};

/// All of it done.
constexpr pinfold::pool_stats done(std::uint64_t pieces) {
  return {.accepted = pieces, .running = 0, .finished = pieces};
}

}  // namespace pinfold_test
