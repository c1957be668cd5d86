#include "client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <string>

namespace pipeline {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using response = http::response<http::string_body>;

// Plain blocking calls on a thread that no pool owns.
class client {
 public:
  explicit client(const tcp::endpoint& server) { socket_.connect(server); }

  response ask(http::verb method, const std::string& target, const std::string& body = "") {
    http::request<http::string_body> question(method, target, 11, body);
    question.set(http::field::host, "127.0.0.1");
    question.prepare_payload();
    http::write(socket_, question);
    response answer;
    http::read(socket_, buffer_, answer);
    return answer;
  }

 private:
  boost::asio::io_context context_;
  tcp::socket socket_{context_};
  boost::beast::flat_buffer buffer_;
};

bool expect(const char* question, const response& answer, unsigned status, const std::string& text) {
  std::printf("%s -> %u\n%s", question, answer.result_int(), answer.body().c_str());
  return answer.result_int() == status && answer.body() == text;
}

}  // namespace

bool show(const tcp::endpoint& server) {
  client asks(server);
  bool right = expect("GET /primes/100000", asks.ask(http::verb::get, "/primes/100000"), 200, "9592\n");

  const response streamed = asks.ask(http::verb::post, "/primes", "10\n1000000\n100\n1000\n");
  right &= streamed.chunked();  // a chunk as soon as a count was there
  right &= expect("POST /primes", streamed, 200, "4\n78498\n25\n168\n");

  right &= expect("GET /primes/many", asks.ask(http::verb::get, "/primes/many"), 400,
                  "a number from 0 to 10000000 is needed\n");
  return right;
}

}  // namespace pipeline
