// An HTTP server on a pool.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <pinfold/executor.hpp>

namespace demo {

/// Serves on a free port of the loopback interface until the pool stops, and returns where. Every request is answered
/// with its own target after a wait of 1 ms, which stands for asking a database or another server.
boost::asio::ip::tcp::endpoint serve_http(pinfold::executor pool);

}  // namespace demo
