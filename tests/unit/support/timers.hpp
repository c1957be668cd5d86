// Coroutines that wait, for time or for a test.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <stdexcept>

namespace pinfold_test {

/// A timer of that context: where the coroutine runs elsewhere, it is resumed from there.
inline boost::asio::awaitable<void> short_wait(boost::asio::io_context& context, std::chrono::milliseconds time) {
  boost::asio::steady_timer timer(context, time);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

inline std::function<boost::asio::awaitable<int>()> failing(const char* message) {
  return [message]() -> boost::asio::awaitable<int> {
    throw std::runtime_error(message);
    co_return 0;
  };
}

/// One coroutine waits for it; any thread may give it, before or after, and so resumes the coroutine.
class notice {
 public:
  boost::asio::awaitable<void> wait() { co_await given_.async_receive(boost::asio::use_awaitable); }
  void give() { given_.try_send(boost::system::error_code()); }

 private:
  boost::asio::experimental::concurrent_channel<boost::asio::system_executor, void(boost::system::error_code)> given_{
      boost::asio::system_executor(), 1};
};

}  // namespace pinfold_test
