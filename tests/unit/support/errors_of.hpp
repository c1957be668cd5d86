// The error codes that exceptions carry.
#pragma once

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

namespace pinfold_test {

/// Success if it returns; asio::error::fault for exceptions without a code.
template <class F>
boost::system::error_code code_of(F&& f) {
  try {
    f();
  } catch (const boost::system::system_error& known) {
    return known.code();
  } catch (...) {
    return boost::asio::error::fault;
  }
  return {};
}

/// The operation that completed with it was cancelled.
inline bool is_aborted(const std::exception_ptr& error) {
  return error && code_of([&] { std::rethrow_exception(error); }) == boost::asio::error::operation_aborted;
}

}  // namespace pinfold_test
