// A thread outside a pool that counts as the pool's work.
#pragma once

#include <pinfold/detail/pool_core.hpp>

namespace pinfold::detail {

/// While it lives the pool does not stop. Its thread waits for the pool's tasks, so none of them waits for it in
/// sync_all(). Throws pool_stopped.
class counted_entry {
 public:
  explicit counted_entry(pool_core& pool) : pool_(pool) {
    pool_.begin_outside();
    pool_.gate().excuse();
  }
  counted_entry(const counted_entry&) = delete;
  counted_entry& operator=(const counted_entry&) = delete;
  ~counted_entry() {
    pool_.gate().stop_excusing();
    pool_.finish_outside();
  }

 private:
  pool_core& pool_;
};

}  // namespace pinfold::detail
