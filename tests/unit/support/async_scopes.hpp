// For tests of async_scope().
#pragma once

#include <atomic>
#include <exception>
#include <stdexcept>
#include <string>

#include "support/contract_pools.hpp"
#include "support/messages.hpp"

// With the scopes of each kind; the rest goes through references, compiled once.
#ifdef PINFOLD_TEST_TBB
#define PINFOLD_TEST_ASYNC_SCOPE_POOLS asio_one, native_two, tbb_two
#else
#define PINFOLD_TEST_ASYNC_SCOPE_POOLS asio_one, native_two
#endif

namespace pinfold_test {

template <class Error = std::runtime_error>
std::string message_in(const std::exception_ptr& error) {
  return error ? message_of<Error>([&] { std::rethrow_exception(error); }) : "no exception";
}

/// Something that a coroutine owns and others borrow.
class lent {
 public:
  ~lent() { alive_ = false; }
  void use() { right_ += alive_ ? 1 : 0; }
  [[nodiscard]] int right_uses() const { return right_; }

 private:
  std::atomic<bool> alive_ = true;
  std::atomic<int> right_ = 0;
};

}  // namespace pinfold_test
