// The typed part of a mapped stream: its source, its function, and its window of items and results.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <pinfold/detail/stream_core.hpp>
#include <pinfold/detail/stream_operations.hpp>
#include <pinfold/detail/stream_reader.hpp>

namespace pinfold::detail {

template <class T, class R>
struct alignas(64) map_slot final : result_slot<R> {
  std::optional<std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>> item;
};

/// What the function returns, as a value: std::monostate for nothing.
template <class F, class T>
using mapped_result = std::conditional_t<std::is_void_v<std::invoke_result_t<F&, T>>, std::monostate,
                                         std::remove_cv_t<std::invoke_result_t<F&, T>>>;

template <stream_source Source, class F>
class map_state final : public stream_core, stream_reader<typename Source::value_type> {
  using item = typename Source::value_type;
  using result = mapped_result<F, item>;
  using slot = map_slot<item, result>;

 public:
  template <class S, class Function>
  map_state(pool_core& pool, std::size_t window, bool ordered, S&& source, Function&& f)
      : stream_core(pool, ordered, Source::works),
        f_(std::forward<Function>(f)),
        source_(std::forward<S>(source)),
        slots_(new slot[window]) {
    for (std::size_t i = window; i-- > 0;) add_slot(slots_[i]);
  }

 private:
  bool read() noexcept override { return source_.read(*this); }
  void let_go() noexcept override { source_.let_go(); }
  void destroy() noexcept override { delete this; }

  void put(item&& value) noexcept override {
    answer_item();
    auto* const into = static_cast<slot*>(slot_to_fill());
    if (into == nullptr) return;
    try {
      if constexpr (std::is_reference_v<item>) {
        into->item.emplace(&value);
      } else {
        into->item.emplace(std::move(value));
      }
    } catch (...) {
      into->error = std::current_exception();
    }
  }
  void end(std::exception_ptr error) noexcept override { answer_end(std::move(error)); }
  void completed(bool now) noexcept override { read_completed(now); }
  stream_core& core() noexcept override { return *this; }

  bool run(stream_slot& each) noexcept override {
    auto& own = static_cast<slot&>(each);
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<F&, item>>) {
        std::invoke(f_, item_of(own));
        own.result.emplace();
      } else {
        own.result.emplace(std::invoke(f_, item_of(own)));
      }
    } catch (...) {
      own.error = std::current_exception();
    }
    own.item.reset();
    return !own.error;
  }
  void drop_item(stream_slot& each) noexcept override { static_cast<slot&>(each).item.reset(); }

  static item&& item_of(slot& own) noexcept {
    if constexpr (std::is_reference_v<item>) {
      return **own.item;
    } else {
      return std::move(*own.item);
    }
  }

  F f_;
  Source source_;
  std::unique_ptr<slot[]> slots_;  // last, so that what is left in them goes before what it may refer to
};

}  // namespace pinfold::detail
