// How a forked closure and its result travel between owner and thief.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include <pinfold/detail/outcome.hpp>
#include <pinfold/native/detail/native_worker.hpp>

namespace pinfold::detail {

template <class T>
inline constexpr bool fits_slot = sizeof(T) <= fork_slot::capacity && alignof(T) <= 16;

/// Closures that may be copied byte by byte exist twice: the owner's copy stays in its registers, the thief's is in the
/// slot, where the result follows it. Of any other closure the slot holds the address.
template <class F>
inline constexpr bool forks_by_value = std::is_trivially_copyable_v<F> && std::is_copy_constructible_v<F> &&
                                       fits_slot<F> && fits_slot<outcome<std::invoke_result_t<F>>>;

/// Functions are static and take copies, so that a handle needs no address and can live in registers.
template <class F>
struct value_call {
  using result = std::invoke_result_t<F>;
  using stored = outcome<result>;

  /// How the slow paths get a closure of one word: GCC would write an aggregate argument to the stack before every
  /// fork, for the path that is hardly ever taken (one store in nine; 7% of bench/fib on a Zen 1, whose stores limit
  /// it).
  using passed = std::conditional_t<sizeof(F) == sizeof(std::uint64_t), std::uint64_t, F>;
  [[gnu::always_inline]] static passed pass(F f) noexcept { return std::bit_cast<passed>(f); }
  static F closure_of(passed f) noexcept { return std::bit_cast<F>(f); }

  [[gnu::always_inline]] static void put(fork_slot& slot, F f) {
    slot.run = &run_stolen;
    ::new (static_cast<void*>(slot.bytes)) F(f);
  }

  static void run_stolen(fork_slot& slot, native_worker* owner) noexcept {
    F f = *std::launder(reinterpret_cast<F*>(slot.bytes));
    stored& result = *::new (static_cast<void*>(slot.bytes)) stored;
    result.run(std::move(f));
    owner->finish(slot);
  }

  static result take(native_worker& worker, fork_slot* slot) {
    stored& in_slot = *std::launder(reinterpret_cast<stored*>(slot->bytes));
    stored taken = std::move(in_slot);
    in_slot.~stored();
    worker.drop_stolen(slot);
    return taken.get();
  }
};

/// The handle of a closure that is forked by address.
template <class F>
struct address_call {
  using result = std::invoke_result_t<F>;

  explicit address_call(F&& closure) : f(std::move(closure)) {}

  void put(fork_slot& slot) {
    slot.run = &run_stolen;
    ::new (static_cast<void*>(slot.bytes)) address_call*(this);
  }

  static void run_stolen(fork_slot& slot, native_worker* owner) noexcept {
    address_call& self = **std::launder(reinterpret_cast<address_call**>(slot.bytes));
    self.stolen.run(std::move(self.f));
    owner->finish(slot);
  }

  F f;
  outcome<result> stolen;
};

/// What an abandoned fork ends with: unwinding goes on with its own exception, else the pool's handler gets it.
void report_abandoned(native_worker& worker, int unwinding) noexcept;

}  // namespace pinfold::detail
