// The completion token of who gives none.
#pragma once

#include <boost/version.hpp>

#if BOOST_VERSION >= 108600
#include <boost/asio/deferred.hpp>
#else
#include <boost/asio/use_awaitable.hpp>
#endif

namespace pinfold::detail {

/// For coroutines: `co_await pool.async_invoke(f)`. Asio's own choice, deferred, where a coroutine can await that with
/// a result beside an exception_ptr (with Boost 1.81 it does not compile).
#if BOOST_VERSION >= 108600
using default_token = boost::asio::deferred_t;
#else
using default_token = boost::asio::use_awaitable_t<>;
#endif

}  // namespace pinfold::detail
