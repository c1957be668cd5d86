// A server whose requests are parsed by a reactor and computed by TBB; with --serve, for your own client.
#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <pipeline/topology.hpp>
#include <string_view>

#include "client.hpp"
#include "server.hpp"

int main(int argc, char** argv) try {
  pinfold::start_options options;
  options.read_arguments(argc, argv);
  const std::string_view word = argc > 1 ? argv[1] : "";
  unsigned short port = 0;
  const std::string_view number = argc > 2 ? argv[2] : "";
  const bool has_port = std::from_chars(number.data(), number.data() + number.size(), port).ec == std::errc();
  if (argc > 3 || (argc > 1 && word != "--serve") || (argc > 2 && !has_port)) {
    std::fputs("usage: pipeline [--serve [PORT]] [--pinfold-cpu-map MAP]\n", word == "--help" ? stdout : stderr);
    return word == "--help" ? 0 : 2;
  }
  // Blocked before any thread starts: the signal is this thread's to wait for.
  sigset_t interrupt;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  sigaddset(&interrupt, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &interrupt, nullptr);

  auto running = pipeline::topology.start(std::move(options));
  const auto address = pipeline::serve(port);
  if (word != "--serve") return pipeline::show(address) ? 0 : 1;

  std::printf("http://127.0.0.1:%d/primes/1000000\n", address.port());
  std::fflush(stdout);
  int received = 0;
  sigwait(&interrupt, &received);
} catch (const std::exception& error) {
  std::fprintf(stderr, "pipeline: %s\n", error.what());
  return 1;
}
