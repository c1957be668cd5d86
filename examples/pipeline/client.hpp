// A client that shows what the service answers.
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace pipeline {

/// Asks for one number, for a stream of them, and for nonsense, and prints the answers. False: one of them was wrong.
bool show(const boost::asio::ip::tcp::endpoint& server);

}  // namespace pipeline
