// Consumers of int streams, compiled once, and pools as the streams see them: by their executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/error_code.hpp>
#include <exception>
#include <functional>
#include <future>
#include <optional>
#include <vector>

#include <pinfold/compute_map.hpp>

#include "support/contract_pools.hpp"

// One pool a kind, with one thread or two.
#ifdef PINFOLD_TEST_TBB
#define STREAM_POOLS asio_one, native_two, tbb_two
#else
#define STREAM_POOLS asio_one, native_two
#endif

namespace pinfold_test {

using int_stream = pinfold::mapped_stream<int>;
using int_function = std::function<int(int)>;

/// So that the tests' bodies are no templates.
class any_pool {
 public:
  template <class Pool>
  explicit any_pool(Pool& pool) : executor_(pool.get_executor()), size_(pool.size()) {}
  [[nodiscard]] pinfold::executor get_executor() const { return executor_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  pinfold::executor executor_;
  std::size_t size_;
};

/// 0, 1, ... count - 1 through `f`.
int_stream map_numbers(const any_pool& pool, int count, int_function f, pinfold::map_options options = {});

std::vector<int> numbers(int count);

std::future<std::optional<int>> next(int_stream& stream);

/// What a stream gives until it has ended; its exception passes.
std::vector<int> rest(int_stream& stream);

/// What comes before the stream's exception, and that.
struct ending {
  std::vector<int> before;
  std::exception_ptr error;
};
ending until_error(int_stream& stream);

void drain(int_stream& stream);

/// rest() of a coroutine on that executor, which runs on other threads.
std::vector<int> rest_on(const boost::asio::any_io_executor& home, int_stream& stream);

boost::system::error_code code_of(const std::exception_ptr& error);

}  // namespace pinfold_test
