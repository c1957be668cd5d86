// An exception that nobody asked for is not lost: it is printed.
#pragma once

#include <exception>

namespace pinfold::detail {

/// "a coroutine of", "asio.net". Allocates nothing: the exception may be std::bad_alloc.
void print_unclaimed(const char* what, const char* name, std::exception_ptr error) noexcept;

}  // namespace pinfold::detail
