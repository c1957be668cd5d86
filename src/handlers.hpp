// Calls of the program's handlers, which must not throw: where one does, the process ends and says which.
#pragma once

#include <cstdio>
#include <exception>
#include <utility>

#include <pinfold/detail/os.hpp>

namespace pinfold::detail {

/// `name`: "start_options::on_exception".
template <class F>
void call_handler(const char* name, F&& call) noexcept {
  try {
    std::forward<F>(call)();
  } catch (const std::exception& known) {
    std::fprintf(stderr, "pinfold: %s must not throw, and did on thread %s: %s\n", name, os::thread_name().c_str(),
                 known.what());
    std::terminate();
  } catch (...) {
    std::fprintf(stderr, "pinfold: %s must not throw, and did on thread %s: an exception of unknown type\n", name,
                 os::thread_name().c_str());
    std::terminate();
  }
}

}  // namespace pinfold::detail
