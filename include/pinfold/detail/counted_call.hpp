// A call from anywhere that a pool's stop waits for.
#pragma once

#include <pinfold/detail/pool_core.hpp>

namespace pinfold::detail {

/// While it lives and says so, its pool's gate, which counts it, does not close. It says so unless that is closed.
class counted_call {
 public:
  explicit counted_call(pool_core& pool) noexcept
      : pool_(pool), is_counted_(pool.gate().enter(true, 0, holding::yes)) {}
  counted_call(const counted_call&) = delete;
  counted_call& operator=(const counted_call&) = delete;
  ~counted_call() {
    if (is_counted_) pool_.gate().let_go();
  }
  [[nodiscard]] explicit operator bool() const noexcept { return is_counted_; }

 private:
  pool_core& pool_;
  const bool is_counted_;
};

}  // namespace pinfold::detail
