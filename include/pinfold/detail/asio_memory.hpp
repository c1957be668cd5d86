// Asio's memory for the calling thread.
#pragma once

#include <boost/asio/detail/thread_context.hpp>
#include <boost/asio/detail/thread_info_base.hpp>

namespace pinfold::detail {

/// While one of these lives on a thread's stack, Asio keeps the memory of coroutine frames and operations that end on
/// this thread for the next ones, as it does on the threads that run an io_context: on a native or tbb pool's worker,
/// and on an asio pool's outside of its io_context, `co_await pool.async_invoke(f)` takes none from the heap then.
class asio_memory : private boost::asio::detail::thread_context {
 public:
  asio_memory() : here_(this, memory_) {}
  asio_memory(const asio_memory&) = delete;
  asio_memory& operator=(const asio_memory&) = delete;
  ~asio_memory() = default;

 private:
  boost::asio::detail::thread_info_base memory_;
  thread_call_stack::context here_;
};

}  // namespace pinfold::detail
