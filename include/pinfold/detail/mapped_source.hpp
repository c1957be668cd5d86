// Another mapped stream as the source of a stream.
#pragma once

#include <exception>
#include <type_traits>
#include <utility>

#include <pinfold/detail/stream_core.hpp>
#include <pinfold/detail/stream_reader.hpp>
#include <pinfold/mapped_stream.hpp>

namespace pinfold::detail {

/// `Stream` as a forwarding reference deduces it: an lvalue is borrowed and goes on when this one has ended, having
/// lost nothing but what was read; anything else is moved in, and ends with it. Whoever ends an item of the stage
/// before puts it into this one's window and its pool, at once: no operation, no executor in between.
template <class Stream>
class mapped_source final : next_waiter {
 public:
  using value_type = typename std::remove_cvref_t<Stream>::value_type;
  static constexpr bool works = !std::is_lvalue_reference_v<Stream>;

  explicit mapped_source(Stream&& stream) : stream_(std::forward<Stream>(stream)), before_(stream_.core()) {
    ticket = before_.new_ticket();
  }

  bool read(stream_reader<value_type>& to) noexcept {
    reader_ = &to;
    return before_.begin_next(*this);
  }

  void let_go() noexcept {
    if constexpr (works) {
      before_.cancel();
    } else {
      next_waiter::let_go.store(true, std::memory_order_relaxed);
      before_.cancel_next(ticket);
    }
  }

 private:
  void take(stream_slot& slot) noexcept override {
    auto& result = static_cast<result_slot<value_type>&>(slot).result;
    reader_->put(std::move(*result));
    result.reset();
  }
  void end(std::exception_ptr error) noexcept override { reader_->end(std::move(error)); }
  void complete(bool now) noexcept override { reader_->completed(now); }

  Stream stream_;
  stream_core& before_;
  stream_reader<value_type>* reader_ = nullptr;
};

}  // namespace pinfold::detail
