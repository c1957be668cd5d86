// What a managed thread and its handle share.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>

#include <pinfold/detail/event.hpp>
#include <pinfold/detail/os.hpp>
#include <pinfold/detail/outcome.hpp>

namespace pinfold::detail {

struct thread_plan;

/// A worker that waits for a thread's end to join it, for its handle or for a stop. Lives on that worker's stack.
struct managed_joiner {
  event ended;
  managed_joiner* next = nullptr;
};

/// Kept alive by the handle and by the running thread. Whoever joins the thread, handle or stop, does so through
/// `joined`, exactly once.
struct managed_state : std::enable_shared_from_this<managed_state> {
  managed_state() = default;
  managed_state(const managed_state&) = delete;
  managed_state& operator=(const managed_state&) = delete;
  virtual ~managed_state() = default;

  virtual void run() noexcept = 0;

  /// Not in a forked child, where the thread is not: what its callbacks reach may be the parent's.
  void request_stop() const noexcept {
    if (handle.forks == os::forks_so_far()) stop.request_stop();
  }

  std::string name;
  std::stop_source stop;
  std::size_t lease = 0;                    // index into the pool's cores
  std::shared_ptr<const thread_plan> plan;  // as it was set up; set before spawn_thread() returns
  std::atomic<bool> finished{false};        // set with release after the result
  managed_joiner* joiners = nullptr;        // workers that wait for the end, guarded by the pool's mutex
  os::thread_id thread_id = 0;              // set before spawn_thread() returns
  os::thread_handle handle;
  std::once_flag joined;
  managed_state* next = nullptr;  // list of threads that are not joined, guarded by the pool's mutex
};

template <class F>
struct managed_result {
  using type = std::invoke_result_t<F>;
};
template <class F>
  requires std::invocable<F, std::stop_token>
struct managed_result<F> {
  using type = std::invoke_result_t<F, std::stop_token>;
};

template <class R>
struct managed_outcome : managed_state {
  outcome<R> result;
};

template <class F, class R>
struct managed_call final : managed_outcome<R> {
  explicit managed_call(F&& function) : f(std::move(function)) {}
  explicit managed_call(const F& function) : f(function) {}

  void run() noexcept override {
    if constexpr (std::invocable<F, std::stop_token>) {
      this->result.run([this]() -> R { return std::move(f)(this->stop.get_token()); });
    } else {
      this->result.run(std::move(f));
    }
  }

  F f;
};

}  // namespace pinfold::detail
