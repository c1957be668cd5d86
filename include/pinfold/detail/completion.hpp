// How an asynchronous operation that ran a function hands over what it ended with.
#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/dispatch.hpp>
#include <exception>
#include <type_traits>
#include <utility>

#include <pinfold/detail/outcome.hpp>

namespace pinfold::detail {

template <class R>
struct completion_signature {
  static_assert(std::is_default_constructible_v<R> && !std::is_reference_v<R>,
                "the operation completes with (std::exception_ptr, R): R must be a default-constructible value");
  using type = void(std::exception_ptr, R);
};
template <>
struct completion_signature<void> {
  using type = void(std::exception_ptr);
};

/// By dispatch, because a post to the executor of a future would start Asio's system threads.
template <class Executor, class Handler, class R>
void complete(const Executor& executor, Handler&& handler, outcome<R>&& result) {
  const auto memory = boost::asio::get_associated_allocator(handler);
  boost::asio::dispatch(executor, boost::asio::bind_allocator(
                                      memory, [handler = std::move(handler), result = std::move(result)]() mutable {
                                        std::exception_ptr error = result.error();
                                        if constexpr (std::is_void_v<R>) {
                                          std::move(handler)(std::move(error));
                                        } else {
                                          R value = error ? R{} : result.get();
                                          std::move(handler)(std::move(error), std::move(value));
                                        }
                                      }));
}

}  // namespace pinfold::detail
