// What the handle of a tracked coroutine, the coroutine, and who joins it share.
#pragma once

#include <atomic>
#include <exception>
#include <utility>

#include <pinfold/detail/outcome.hpp>
#include <pinfold/detail/tracked_coroutine.hpp>

namespace pinfold::detail {

/// The result is written by the coroutine before it ends, and taken once after that.
template <class R>
class async_task_state : public tracked_coroutine {
 public:
  /// Once it has ended. False: somebody else has the result.
  [[nodiscard]] bool claim() noexcept { return !claimed_.exchange(true, std::memory_order_acq_rel); }
  [[nodiscard]] outcome<R> take() noexcept { return std::move(result_); }

 protected:
  using tracked_coroutine::tracked_coroutine;
  ~async_task_state() override = default;

  template <class... Value>
  void set_result(std::exception_ptr error, Value&&... value) noexcept {
    if (error) return fail(std::move(error));
    result_.run([&]() -> R { return R(std::forward<Value>(value)...); });
    has_result_ = true;
  }
  void fail(std::exception_ptr error) noexcept override {
    result_.fail(std::move(error));
    has_result_ = true;
  }
  [[nodiscard]] bool has_result() const noexcept { return has_result_; }
  [[nodiscard]] std::exception_ptr unclaimed() const noexcept override {
    return claimed_.load(std::memory_order_relaxed) ? nullptr : result_.error();
  }

 private:
  outcome<R> result_;
  bool has_result_ = false;
  std::atomic<bool> claimed_{false};
};

}  // namespace pinfold::detail
