#include "exposition.hpp"

#include <prometheus/text_serializer.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <metered/topology.hpp>
#include <pinfold/prometheus.hpp>
#include <sstream>
#include <utility>

namespace metered {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using asio::ip::tcp;

// A few microseconds: it stays on the reactor.
std::string scrape() {
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, pinfold::prometheus_metrics(topology).Collect());
  return std::move(text).str();
}

asio::awaitable<void> converse(tcp::socket socket) try {
  boost::beast::flat_buffer buffer;
  for (bool keep_alive = true; keep_alive;) {
    http::request<http::empty_body> asked;
    co_await http::async_read(socket, buffer, asked, use_awaitable);
    keep_alive = asked.keep_alive();
    const bool known = asked.method() == http::verb::get && asked.target() == "/metrics";
    http::response<http::string_body> response(known ? http::status::ok : http::status::not_found, asked.version());
    response.set(http::field::content_type, known ? "text/plain; version=0.0.4" : "text/plain");
    response.keep_alive(keep_alive);
    response.body() = known ? scrape() : "there is GET /metrics\n";
    response.prepare_payload();
    co_await http::async_write(socket, response, use_awaitable);
  }
} catch (const boost::system::system_error&) {
  // The client is gone: so is its connection.
}

asio::awaitable<void> accept(tcp::acceptor acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
    asio::co_spawn(acceptor.get_executor(), converse(std::move(socket)), asio::detached);
  }
}

}  // namespace

tcp::endpoint expose(asio::ip::port_type port) {
  const auto web = asio_pools::web.get_executor();
  tcp::acceptor acceptor(web, tcp::endpoint(asio::ip::address_v4::loopback(), port));
  const tcp::endpoint address = acceptor.local_endpoint();
  asio::co_spawn(web, accept(std::move(acceptor)), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  return address;
}

}  // namespace metered
