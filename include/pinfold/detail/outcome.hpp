// What a function call ended with: a value or an exception.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace pinfold::detail {

/// Filled once by run() or fail(), emptied once by get(). References are kept as pointers.
template <class R>
class outcome {
  static_assert(!std::is_rvalue_reference_v<R>, "the function returns an rvalue reference: return the value");
  static_assert(std::is_void_v<R> || std::is_reference_v<R> || std::is_move_constructible_v<R>,
                "the function returns something that cannot be moved to the caller");

 public:
  outcome() = default;
  outcome(outcome&& other) noexcept { *this = std::move(other); }
  /// A value whose move throws becomes that exception.
  outcome& operator=(outcome&& other) noexcept {
    try {
      value_.reset();
      if (other.value_) value_.emplace(std::move(*other.value_));
      error_ = std::move(other.error_);
    } catch (...) {
      error_ = std::current_exception();
    }
    return *this;
  }
  ~outcome() = default;

  template <class F>
  void run(F&& f) noexcept {
    try {
      if constexpr (std::is_void_v<R>) {
        std::invoke(std::forward<F>(f));
        value_.emplace();
      } else if constexpr (std::is_reference_v<R>) {
        value_.emplace(&std::invoke(std::forward<F>(f)));
      } else {
        value_.emplace(std::invoke(std::forward<F>(f)));
      }
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  /// Instead of run().
  void fail(std::exception_ptr error) noexcept { error_ = std::move(error); }

  [[nodiscard]] const std::exception_ptr& error() const noexcept { return error_; }

  R get() {
    if (error_) std::rethrow_exception(error_);
    // NOLINTBEGIN(bugprone-unchecked-optional-access): run() has left a value where there is no error
    if constexpr (std::is_reference_v<R>) {
      return static_cast<R>(**value_);
    } else if constexpr (!std::is_void_v<R>) {
      return std::move(*value_);
    }
    // NOLINTEND(bugprone-unchecked-optional-access)
  }

 private:
  struct nothing {};
  using stored = std::conditional_t<std::is_void_v<R>, nothing,
                                    std::conditional_t<std::is_reference_v<R>, std::remove_reference_t<R>*, R>>;

  std::optional<stored> value_;
  std::exception_ptr error_;
};

}  // namespace pinfold::detail
