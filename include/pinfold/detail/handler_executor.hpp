// The executor of an operation's handler: whether it leads to a pool, and how it is kept at work.
#pragma once

#include <boost/asio/execution/executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/prefer.hpp>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/executor.hpp>

namespace pinfold::detail {

/// Where a pool's executor leads, however it is wrapped.
struct pool_target {
  pool_core* pool;
  std::size_t context;
  bool is_here;  ///< the calling thread may run what is dispatched to it
  admission as;
};

template <class Executor>
concept erased_executor = requires(const Executor& wrapped) {
  { wrapped.template target<executor>() } -> std::convertible_to<const executor*>;
};

using tracked_executor = basic_executor<true, std::allocator<void>>;

/// Nothing for executors that are not a pool's, or that name an allocator.
template <class Executor>
std::optional<pool_target> pool_behind(const Executor& wrapped) noexcept {
  const auto target_of = [](const auto& own) {
    return pool_target{
        .pool = &own.pool(), .context = own.context(), .is_here = own.may_run_here(), .as = own.admitted_as()};
  };
  if constexpr (std::is_same_v<Executor, executor> || std::is_same_v<Executor, tracked_executor>) {
    return target_of(wrapped);
  } else if constexpr (erased_executor<Executor>) {
    if (const auto* own = wrapped.template target<executor>()) return target_of(*own);
    if (const auto* own = wrapped.template target<tracked_executor>()) return target_of(*own);
  }
  return std::nullopt;
}

/// Keeps an executor's context at work, as Asio's executor_work_guard does. That takes a strand of an executor which is
/// none of the Networking TS for one that is; here it serves the executors that are only that.
template <class Executor>
class work_on {
 public:
  explicit work_on(const Executor& executor) : kept_(keep(executor)) {}

  [[nodiscard]] const auto& executor() const noexcept {
    if constexpr (boost::asio::execution::is_executor_v<Executor>) {
      return kept_;
    } else {
      return kept_.get_executor();
    }
  }

 private:
  [[nodiscard]] static auto keep(const Executor& executor) {
    if constexpr (boost::asio::execution::is_executor_v<Executor>) {
      return boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
    } else {
      return boost::asio::executor_work_guard<Executor>(executor);
    }
  }

  decltype(keep(std::declval<const Executor&>())) kept_;
};

}  // namespace pinfold::detail
