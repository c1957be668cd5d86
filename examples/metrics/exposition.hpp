// Answers GET /metrics.
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace metered {

/// Listens on the loopback interface, on `port` or, for 0, on a free one; answers on the pool `web` until the topology
/// stops. Returns the address.
boost::asio::ip::tcp::endpoint expose(boost::asio::ip::port_type port);

}  // namespace metered
