#include "server.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/system/system_error.hpp>
#include <charconv>
#include <exception>
#include <optional>
#include <pinfold/compute_map.hpp>
#include <pipeline/topology.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "primes.hpp"

namespace pipeline {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using asio::ip::tcp;
using request = http::request<http::string_body>;

constexpr long largest = 10'000'000;

// Parsing is short: it stays on the reactor.
std::optional<long> parse_number(std::string_view text) {
  long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > largest) return std::nullopt;
  return number;
}

std::optional<std::vector<long>> parse_lines(std::string_view text) {
  std::vector<long> numbers;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const auto number = parse_number(line);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return numbers;
}

asio::awaitable<void> answer(tcp::socket& socket, const request& asked, http::status status, std::string text) {
  http::response<http::string_body> response(status, asked.version());
  response.keep_alive(asked.keep_alive());
  response.body() = std::move(text) + '\n';
  response.prepare_payload();
  co_await http::async_write(socket, response, use_awaitable);
}

// One request, one computation: while it runs in the pool, this thread serves other connections.
asio::awaitable<void> answer_one(tcp::socket& socket, const request& asked, long end) {
  const long count = co_await tbb_pools::compute.async_invoke([end] { return primes_below(end); });
  co_await answer(socket, asked, http::status::ok, std::to_string(count));
}

// Many computations: sixteen at most are under way or wait to be written, so a client that reads slowly holds the
// computation, not the server's memory. What the map borrows lives in this coroutine, which sees the map to its end.
asio::awaitable<void> answer_stream(tcp::socket& socket, const request& asked, const std::vector<long>& ends) {
  http::response<http::empty_body> response(http::status::ok, asked.version());
  response.keep_alive(asked.keep_alive());
  response.chunked(true);
  http::response_serializer<http::empty_body> header(response);
  co_await http::async_write_header(socket, header, use_awaitable);

  auto counts = pinfold::compute_map(tbb_pools::compute, ends, primes_below, {.window = 16});
  std::exception_ptr failure;
  try {
    while (const auto count = co_await counts.async_next()) {
      const std::string line = std::to_string(*count) + '\n';
      co_await asio::async_write(socket, http::make_chunk(asio::buffer(line)), use_awaitable);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  co_await counts.async_drain();
  if (failure) std::rethrow_exception(failure);
  co_await asio::async_write(socket, http::make_chunk_last(), use_awaitable);
}

asio::awaitable<void> answer(tcp::socket& socket, const request& asked) {
  constexpr std::string_view prefix = "/primes/";
  const std::string_view target(asked.target().data(), asked.target().size());
  if (asked.method() == http::verb::get && target.starts_with(prefix)) {
    if (const auto end = parse_number(target.substr(prefix.size()))) co_return co_await answer_one(socket, asked, *end);
    co_return co_await answer(socket, asked, http::status::bad_request, "a number from 0 to 10000000 is needed");
  }
  if (asked.method() == http::verb::post && target == "/primes") {
    if (const auto ends = parse_lines(asked.body())) co_return co_await answer_stream(socket, asked, *ends);
    co_return co_await answer(socket, asked, http::status::bad_request, "lines of numbers to 10000000 are needed");
  }
  co_await answer(socket, asked, http::status::not_found, "there are GET /primes/N and POST /primes");
}

asio::awaitable<void> converse(tcp::socket socket) try {
  boost::beast::flat_buffer buffer;
  for (bool keep_alive = true; keep_alive;) {
    request asked;
    co_await http::async_read(socket, buffer, asked, use_awaitable);
    keep_alive = asked.keep_alive();
    co_await answer(socket, asked);
  }
} catch (const boost::system::system_error&) {
  // The client is gone: so is its connection.
}

asio::awaitable<void> accept(tcp::acceptor acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(acceptor.get_executor(), converse(std::move(socket)), asio::detached);
  }
}

}  // namespace

tcp::endpoint serve(asio::ip::port_type port) {
  const auto net = asio_pools::net.get_executor();
  tcp::acceptor acceptor(net, tcp::endpoint(asio::ip::address_v4::loopback(), port));
  const tcp::endpoint address = acceptor.local_endpoint();
  asio::co_spawn(net, accept(std::move(acceptor)), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  return address;
}

}  // namespace pipeline
