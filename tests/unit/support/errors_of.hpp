// The error code that a function's exception carries.
#pragma once

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

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

}  // namespace pinfold_test
