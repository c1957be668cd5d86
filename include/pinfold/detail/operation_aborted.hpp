// What a cancelled operation ends with.
#pragma once

#include <exception>

namespace pinfold::detail {

/// boost::system::system_error of asio::error::operation_aborted; std::bad_alloc where there is no memory for that.
std::exception_ptr operation_aborted() noexcept;

}  // namespace pinfold::detail
