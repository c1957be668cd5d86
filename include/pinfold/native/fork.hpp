// Fork and join: two or more functions of which others may take part.
#pragma once

#include <cassert>
#include <exception>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <pinfold/native/detail/forked_call.hpp>

namespace pinfold {

/// A function that another worker may have taken. join() it on the same thread, in reverse order of the forks;
/// destroyed without that it is completed all the same, its result is dropped, and its exception goes to the topology's
/// handler (while another exception unwinds: is dropped).
template <class F, bool ByValue = detail::forks_by_value<F>>
class [[nodiscard]] forked {
  using call = detail::value_call<F>;

 public:
  /// What the function returns.
  using result = std::invoke_result_t<F>;

  /// For fork().
  [[gnu::always_inline]] explicit forked(F f) : slot_(push(f)), f_(f) {}
  forked(const forked&) = delete;
  forked& operator=(const forked&) = delete;
  [[gnu::always_inline]] ~forked() {
    if (!joined_) [[unlikely]]
      abandon(slot_, call::pass(f_));
  }

  /// Runs the function here if nobody has taken it; else waits and meanwhile runs other parts of the pool's work.
  /// Returns its value or rethrows. Does not allocate.
  [[gnu::always_inline]] result join() {
    detail::native_worker& worker = *detail::this_worker;
    joined_ = true;
    if (!worker.is_unwatched(slot_)) [[unlikely]]
      return join_slowly(slot_, call::pass(f_));
    assert(worker.head() == slot_ + 1 && "forks are joined in reverse order, on the thread that forked");
    worker.set_head(slot_);
    return std::move(f_)();
  }

 private:
  [[gnu::always_inline]] static detail::fork_slot* push(F f) {
    detail::native_worker& worker = *detail::this_worker;
    detail::fork_slot* const slot = worker.head();
    if (!worker.is_calm(slot)) [[unlikely]]
      return push_slowly(f);
    call::put(*slot, f);
    worker.set_head(slot + 1);
    return slot;
  }

  [[gnu::noinline, gnu::cold]] static detail::fork_slot* push_slowly(F f) {
    detail::native_worker& worker = *detail::this_worker;
    detail::fork_slot* slot = nullptr;
    if (worker.make_room()) {
      slot = worker.head();
      call::put(*slot, f);
      worker.set_head(slot + 1);
    }
    worker.answer();
    return slot;
  }

  [[gnu::noinline, gnu::cold]] static result join_slowly(detail::fork_slot* slot, typename call::passed f) {
    detail::native_worker& worker = *detail::this_worker;
    if (worker.join_slowly(slot)) return call::closure_of(f)();
    return call::take(worker, slot);
  }

  [[gnu::noinline, gnu::cold]] static void abandon(detail::fork_slot* slot, typename call::passed f) noexcept {
    const int unwinding = std::uncaught_exceptions();
    try {
      join_slowly(slot, f);
    } catch (...) {
      detail::report_abandoned(*detail::this_worker, unwinding);
    }
  }

  detail::fork_slot* slot_;  // nullptr: there was no room
  [[no_unique_address]] F f_;
  bool joined_ = false;
};

/// The same of a function that is not trivially copyable, or too large for a slot: others take it where it lies.
template <class F>
class [[nodiscard]] forked<F, false> {
  using call = detail::address_call<F>;

 public:
  /// What the function returns.
  using result = std::invoke_result_t<F>;

  /// For fork().
  explicit forked(F f) : call_(std::move(f)) {
    detail::native_worker& worker = *detail::this_worker;
    const bool calm = worker.is_calm(worker.head());
    if (calm || worker.make_room()) {
      slot_ = worker.head();
      call_.put(*slot_);
      worker.set_head(slot_ + 1);
    }
    if (!calm) worker.answer();
  }
  forked(const forked&) = delete;
  forked& operator=(const forked&) = delete;
  ~forked() {
    if (!joined_) abandon();
  }

  /// As above.
  result join() {
    detail::native_worker& worker = *detail::this_worker;
    joined_ = true;
    if (worker.is_unwatched(slot_)) {
      assert(worker.head() == slot_ + 1 && "forks are joined in reverse order, on the thread that forked");
      worker.set_head(slot_);
      return std::move(call_.f)();
    }
    if (worker.join_slowly(slot_)) return std::move(call_.f)();
    worker.drop_stolen(slot_);
    return call_.stolen.get();
  }

 private:
  void abandon() noexcept {
    const int unwinding = std::uncaught_exceptions();
    try {
      join();
    } catch (...) {
      detail::report_abandoned(*detail::this_worker, unwinding);
    }
  }

  call call_;
  detail::fork_slot* slot_ = nullptr;  // there was no room
  bool joined_ = false;
};

/// Offers `f` to the pool's other workers and goes on; `join()` of the result ends it. On a worker of a native pool;
/// does not block and does not allocate. Nobody else is told unless somebody asks for work, so a fork that is not taken
/// costs no more than the write of its closure: capture by value what is small. When all of the worker's `task_slots`
/// are taken, `f` runs in its join. Throws outside_pool elsewhere.
template <class F>
  requires std::invocable<F>
[[gnu::always_inline]] inline forked<F> fork(F f) {
  return forked<F>(std::move(f));
}

namespace detail {

template <class F>
auto call_for_tuple(F&& f) {
  using result = std::invoke_result_t<F>;
  if constexpr (std::is_void_v<result>) {
    std::invoke(std::forward<F>(f));
    return std::tuple<std::monostate>();
  } else {
    return std::tuple<result>(std::invoke(std::forward<F>(f)));
  }
}

}  // namespace detail

/// Runs all of them, the first on this thread and the others wherever a worker is free, and returns their results in a
/// tuple (std::monostate for void). All run even if one throws; then the exception of the first in order is rethrown.
/// On a worker of a native pool; blocks until the last is done, running other work of the pool; does not allocate.
/// Throws outside_pool elsewhere (one function alone is called on any thread).
template <std::invocable F, std::invocable... Others>
auto join(F&& first, Others&&... others) {
  if constexpr (sizeof...(Others) == 0) {
    return detail::call_for_tuple(std::forward<F>(first));
  } else {
    // The last is forked first, so that joins are in reverse order and the earliest exception wins.
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      std::tuple<Others&&...> rest(std::forward<Others>(others)...);
      constexpr std::size_t last = sizeof...(Others) - 1;
      auto& last_function = std::get<last>(rest);
      using last_type = std::tuple_element_t<last, std::tuple<Others&&...>>;
      auto forked_last =
          fork([&last_function] { return detail::call_for_tuple(std::forward<last_type>(last_function)); });
      auto done = join(std::forward<F>(first), std::get<I>(std::move(rest))...);
      return std::tuple_cat(std::move(done), forked_last.join());
    }(std::make_index_sequence<sizeof...(Others) - 1>());
  }
}

}  // namespace pinfold
