#include "lateness.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

namespace demo {
namespace {

namespace asio = boost::asio;
using lateness_list = std::vector<std::chrono::nanoseconds>;

constexpr std::chrono::milliseconds period{1};

asio::awaitable<lateness_list> tick(time_window window) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  lateness_list lateness;
  for (auto due = window.begin; due < window.end; due += period) {
    timer.expires_at(due);
    co_await timer.async_wait(asio::use_awaitable);
    lateness.push_back(std::chrono::steady_clock::now() - due);
  }
  co_return lateness;
}

}  // namespace

std::future<lateness_list> lateness_of_ticks(pinfold::executor pool, time_window window) {
  return asio::co_spawn(pool, tick(window), asio::use_future);
}

}  // namespace demo
