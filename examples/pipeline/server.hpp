// The service: requests come in on a reactor, are computed in a TBB pool, and answered from the reactor.
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace pipeline {

/// GET /primes/N answers with the number of primes below N; POST /primes, with a number a line, with a line for each,
/// in the same order and each as soon as it is there. Listens on the loopback device; 0: on any free port. Goes on
/// while the topology runs. Throws boost::system::system_error.
boost::asio::ip::tcp::endpoint serve(boost::asio::ip::port_type port);

}  // namespace pipeline
