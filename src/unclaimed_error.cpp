#include "unclaimed_error.hpp"

#include <cstdio>
#include <utility>

namespace pinfold::detail {

void print_unclaimed(const char* what, const char* name, std::exception_ptr error) noexcept {
  const char* const between = *name == '\0' ? "" : " ";
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& known) {
    std::fprintf(stderr, "pinfold: %s%s%s ended with an exception that nobody asked for: %s\n", what, between, name,
                 known.what());
  } catch (...) {
    std::fprintf(stderr, "pinfold: %s%s%s ended with an exception of unknown type that nobody asked for\n", what,
                 between, name);
  }
}

}  // namespace pinfold::detail
