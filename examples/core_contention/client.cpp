#include "client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <stdexcept>
#include <string>

namespace demo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;
using latency_list = std::vector<std::chrono::nanoseconds>;

constexpr std::chrono::seconds patience{10};

void check(const http::response<http::string_body>& answer, const std::string& target) {
  if (answer.result() == http::status::ok && answer.body() == target) return;
  throw std::runtime_error("the request for " + target + " was answered with " + std::to_string(answer.result_int()) +
                           " and '" + answer.body() + "'");
}

asio::awaitable<latency_list> request_again_and_again(tcp::endpoint server, std::size_t connection,
                                                      time_window window) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(server, use_awaitable);
  socket.set_option(tcp::no_delay(true));

  latency_list latencies;
  beast::flat_buffer buffer;
  http::request<http::empty_body> request(http::verb::get, "/", 11);
  request.set(http::field::host, "localhost");
  const std::string prefix = "/" + std::to_string(connection) + "/";
  for (std::size_t number = 0;; ++number) {
    const std::string target = prefix + std::to_string(number);
    request.target(target);
    const clock::time_point sent = clock::now();
    if (sent >= window.end) break;
    co_await http::async_write(socket, request, use_awaitable);
    http::response<http::string_body> answer;
    co_await http::async_read(socket, buffer, answer, use_awaitable);
    const clock::time_point answered = clock::now();
    check(answer, target);
    if (sent >= window.begin) latencies.push_back(answered - sent);
  }
  co_return latencies;
}

}  // namespace

load_generator::load_generator(pinfold::executor pool, std::span<const tcp::endpoint> servers, std::size_t connections,
                               time_window window)
    : window_(window) {
  for (std::size_t i = 0; i < connections; ++i) {
    connections_.push_back(
        asio::co_spawn(pool, request_again_and_again(servers[i % servers.size()], i, window), asio::use_future));
  }
}

latency_list load_generator::latencies() {
  latency_list all;
  for (auto& connection : connections_) {
    if (connection.wait_until(window_.end + patience) == std::future_status::timeout) {
      throw std::runtime_error("a request was not answered within " + std::to_string(patience.count()) + " seconds");
    }
    const latency_list own = connection.get();
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

}  // namespace demo
