// What a source gives its items to.
#pragma once

#include <concepts>
#include <exception>

#include <pinfold/detail/stream_core.hpp>

namespace pinfold::detail {

/// A source is asked for one item at a time: `read(reader)` answers with put() or end() and returns true; or returns
/// false, answers later, and then calls completed(). `let_go()` may come at any time, also during read(): the answer is
/// to come soon then, whatever it is.
template <class T>
class stream_reader {
 public:
  /// Where its move throws, the item has failed with that.
  virtual void put(T&& item) noexcept = 0;
  virtual void end(std::exception_ptr error = nullptr) noexcept = 0;
  /// After a read that was left pending has been answered; the reader may be gone then. `now`: handlers may be called
  /// right here.
  virtual void completed(bool now) noexcept = 0;
  [[nodiscard]] virtual stream_core& core() noexcept = 0;

 protected:
  ~stream_reader() = default;
};

/// A source as compute_map keeps it. Items are values or lvalue references. `works`: see stream_core.
template <class S>
concept stream_source = requires(S& source, stream_reader<typename S::value_type>& reader) {
  { S::works } -> std::convertible_to<bool>;
  { source.read(reader) } noexcept -> std::same_as<bool>;
  { source.let_go() } noexcept;
};

}  // namespace pinfold::detail
