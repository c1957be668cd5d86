#include "unclaimed_error.hpp"

#include <cstdio>
#include <utility>

namespace pinfold::detail {

void print_unclaimed(const std::string& whose, std::exception_ptr error) noexcept {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& known) {
    std::fprintf(stderr, "pinfold: %s ended with an exception that nobody asked for: %s\n", whose.c_str(),
                 known.what());
  } catch (...) {
    std::fprintf(stderr, "pinfold: %s ended with an exception of unknown type that nobody asked for\n", whose.c_str());
  }
}

}  // namespace pinfold::detail
