// What a cancelled operation ends with.
#pragma once

#include <exception>

namespace pinfold::detail {

/// boost::system::system_error of asio::error::operation_aborted.
std::exception_ptr operation_aborted() noexcept;

}  // namespace pinfold::detail
