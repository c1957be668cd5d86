// An exception that nobody asked for is not lost: it is printed.
#pragma once

#include <exception>
#include <string>

namespace pinfold::detail {

/// `whose`: "a coroutine of asio.net".
void print_unclaimed(const std::string& whose, std::exception_ptr error) noexcept;

}  // namespace pinfold::detail
