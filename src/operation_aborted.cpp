#include <pinfold/detail/operation_aborted.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace pinfold::detail {

std::exception_ptr operation_aborted() noexcept {
  return std::make_exception_ptr(
      boost::system::system_error(boost::system::error_code(boost::asio::error::operation_aborted)));
}

}  // namespace pinfold::detail
