// The load generator: keep-alive connections, each with one request under way.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <future>
#include <span>
#include <vector>

#include <pinfold/executor.hpp>

#include "load.hpp"

namespace demo {

class load_generator {
 public:
  /// Connects in turn to the servers and sends requests from now to the end of the window, on the pool's threads.
  load_generator(pinfold::executor pool, std::span<const boost::asio::ip::tcp::endpoint> servers,
                 std::size_t connections, time_window window);

  /// How long the requests took that were sent within the window. Blocks until the last is answered; throws what went
  /// wrong with a connection: an error, an answer to another question, no answer for some seconds after the window.
  std::vector<std::chrono::nanoseconds> latencies();

 private:
  using connection_latencies = std::vector<std::chrono::nanoseconds>;

  time_window window_;
  std::vector<std::future<connection_latencies>> connections_;
};

}  // namespace demo
