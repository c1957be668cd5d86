// One function call on every worker of a pool.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <type_traits>
#include <utility>
#include <variant>

#include <pinfold/detail/event.hpp>
#include <pinfold/detail/outcome.hpp>
#include <pinfold/detail/pool_core.hpp>

namespace pinfold::detail {

/// Lives on the caller's stack; its tasks are directed to their workers, so broadcasts need no order among themselves:
/// two of them, also nested or from each other's pools, never wait for a rendezvous.
/// `left_` counts tasks that have not ended; its last decrement (acq_rel, which makes every result visible to the last)
/// sets the event, and after that the frame may be gone.
template <class F, class R, std::size_t Threads>
class broadcast_call {
  static_assert(!std::is_reference_v<R>, "broadcast returns its results in an array: return a value or a pointer");

 public:
  broadcast_call(pool_core& pool, F& f) : pool_(pool), f_(f) {}

  void run() {
    std::array<task*, Threads> directed{};
    std::size_t others = 0;
    for (std::size_t i = 0; i < Threads; ++i) {
      parts_[i].call = this;
      if (this_thread.works_for(&pool_) && this_thread.index == i) continue;
      directed[i] = &parts_[i];
      ++others;
    }
    left_.store(others, std::memory_order_relaxed);
    if (others != 0) pool_.submit_to_each(directed);
    if (others != Threads) parts_[this_thread.index].result.run(f_);
    if (others != 0) done_.wait();
  }

  /// In thread order; the first exception in that order is rethrown.
  std::array<std::conditional_t<std::is_void_v<R>, std::monostate, R>, Threads> results() {
    return results(std::make_index_sequence<Threads>{});
  }

 private:
  struct part final : task {
    part() : task(&part::run_part, task_kind::awaited) {}

    static void run_part(task& item) noexcept {
      auto& self = static_cast<part&>(item);
      broadcast_call& call = *self.call;
      self.result.run(call.f_);
      pool_core& pool = call.pool_;
      pool.finished();
      if (call.left_.fetch_sub(1, std::memory_order_acq_rel) == 1) call.done_.set();
    }

    broadcast_call* call = nullptr;
    outcome<R> result;
  };

  template <std::size_t... I>
  auto results(std::index_sequence<I...>) {
    for (part& each : parts_) {
      if (each.result.error()) std::rethrow_exception(each.result.error());
    }
    return std::array<std::conditional_t<std::is_void_v<R>, std::monostate, R>, Threads>{take(parts_[I].result)...};
  }

  static auto take(outcome<R>& result) {
    if constexpr (std::is_void_v<R>) {
      return std::monostate{};
    } else {
      return result.get();
    }
  }

  pool_core& pool_;
  F& f_;
  std::array<part, Threads> parts_;
  std::atomic<std::size_t> left_{0};
  event done_;
};

}  // namespace pinfold::detail
