// Streams whose items are awaited one by one.
#pragma once

#include <exception>
#include <optional>

namespace pinfold {

namespace detail {
template <class T>
struct sample_next_handler {
  void operator()(std::exception_ptr error, std::optional<T> item);
};
}  // namespace detail

/// `async_next(token)` is an Asio asynchronous operation that completes with (std::exception_ptr, std::optional<T>): an
/// item, or nothing at the end, or an exception. One at a time. By default it completes on `get_executor()`, where the
/// stream may be used. compute_map() makes such streams and takes them as sources; when it wants no more, it cancels
/// the operation through its slot (cancellation_type::total).
template <class S>
concept async_stream = requires(S& stream, detail::sample_next_handler<typename S::value_type> handler) {
  stream.get_executor();
  stream.async_next(handler);
};

}  // namespace pinfold
