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
 public:
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
