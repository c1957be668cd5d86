// The calls that wait for a pool, and what a thread that must not wait calls in their place.
#pragma once

#include <cstdint>

namespace pinfold::detail {

/// pool_core::require_may_wait() makes would_block's message of it.
struct waiting_call {
  enum class instead : std::uint8_t {
    async_invoke,     ///< of the same function
    async_call,       ///< async_invoke of a function that makes this call inside the pool
    async_scope,      ///< of the same body
    async_wait_idle,  ///< wait_idle(token)
    async_get,        ///< the future's
    async_blocking    ///< of a function that makes this call on a blocking thread of the caller's pool
  };

  constexpr waiting_call(const char* called, instead asynchronous = instead::async_invoke) noexcept  // by name alone
      : name(called), spelling(asynchronous) {}

  const char* name;  ///< "install"
  instead spelling;
};

}  // namespace pinfold::detail
