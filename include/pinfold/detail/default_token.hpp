// The completion token of who gives none.
#pragma once

#if __has_include(<boost/asio/deferred.hpp>)
#include <boost/asio/deferred.hpp>
#else
#include <boost/asio/use_awaitable.hpp>
#endif

namespace pinfold::detail {

/// With it an operation is an object that a coroutine can await, or that is started with another token later.
#if __has_include(<boost/asio/deferred.hpp>)
using default_token = boost::asio::deferred_t;
#else
using default_token = boost::asio::use_awaitable_t<>;
#endif

}  // namespace pinfold::detail
