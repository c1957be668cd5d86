#include <pinfold/detail/operation_aborted.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace pinfold::detail {

std::exception_ptr operation_aborted() noexcept {
  try {
    throw boost::system::system_error(boost::asio::error::operation_aborted);
  } catch (...) {  // or std::bad_alloc, by its text
    return std::current_exception();
  }
}

}  // namespace pinfold::detail
