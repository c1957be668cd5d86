#include "server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <exception>
#include <string>
#include <utility>

namespace demo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::use_awaitable;
using asio::ip::tcp;

constexpr std::chrono::milliseconds handler_wait{1};

asio::awaitable<void> answer(tcp::socket socket) try {
  asio::steady_timer timer(socket.get_executor());
  beast::flat_buffer buffer;
  for (bool keep_alive = true; keep_alive;) {
    http::request<http::empty_body> request;
    co_await http::async_read(socket, buffer, request, use_awaitable);
    keep_alive = request.keep_alive();

    timer.expires_after(handler_wait);
    co_await timer.async_wait(use_awaitable);

    http::response<http::string_body> response(http::status::ok, request.version());
    response.keep_alive(keep_alive);
    response.body() = std::string(request.target());
    response.prepare_payload();
    co_await http::async_write(socket, response, use_awaitable);
  }
} catch (const boost::system::system_error&) {
  // The client is gone: so is its connection.
}

asio::awaitable<void> accept(tcp::acceptor acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(acceptor.get_executor(), answer(std::move(socket)), asio::detached);
  }
}

}  // namespace

tcp::endpoint serve_http(pinfold::executor pool) {
  tcp::acceptor acceptor(pool, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  const tcp::endpoint address = acceptor.local_endpoint();
  // A server that cannot accept must not go on in silence: pinfold reports what leaves a handler, and terminates.
  asio::co_spawn(pool, accept(std::move(acceptor)), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  return address;
}

}  // namespace demo
