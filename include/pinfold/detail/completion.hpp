// What an asynchronous operation completes with.
#pragma once

#include <exception>
#include <type_traits>
#include <utility>

#include <pinfold/detail/outcome.hpp>

namespace pinfold::detail {

template <class R>
struct completion_signature {
  static_assert(std::is_default_constructible_v<R> && !std::is_reference_v<R>,
                "the operation completes with (std::exception_ptr, R): R must be a default-constructible value");
  using type = void(std::exception_ptr, R);
};
template <>
struct completion_signature<void> {
  using type = void(std::exception_ptr);
};

/// The result's value; a default one where there is an error, be it only that the move of the value throws.
template <class R>
R value_beside(std::exception_ptr& error, outcome<R>& result) {
  if (!error) {
    try {
      return result.get();
    } catch (...) {
      error = std::current_exception();
    }
  }
  return R();
}

template <class R, class Handler>
void call_with(Handler&& handler, outcome<R>&& result) {
  std::exception_ptr error = result.error();
  if constexpr (std::is_void_v<R>) {
    std::forward<Handler>(handler)(std::move(error));
  } else {
    R value = value_beside(error, result);
    std::forward<Handler>(handler)(std::move(error), std::move(value));
  }
}

}  // namespace pinfold::detail
