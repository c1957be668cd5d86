// Work for a pool, and Prometheus's text about it at /metrics.
#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <metered/topology.hpp>
#include <string_view>

#include "exposition.hpp"

namespace {

// Sums that nobody needs: so many tasks.
void work(int tasks) {
  for (int i = 0; i < tasks; ++i) {
    metered::native_pools::work.post([i] {
      volatile double sum = 0;
      for (int term = 1; term < 1000; ++term) sum = sum + (1.0 / (term + i));
    });
  }
}

}  // namespace

int main(int argc, char** argv) try {
  pinfold::start_options options;
  options.read_arguments(argc, argv);
  const std::string_view number = argc > 1 ? argv[1] : "9464";
  unsigned short port = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), port);
  if (argc > 2 || error != std::errc() || end != number.data() + number.size()) {
    std::fputs("usage: metrics [PORT] [--pinfold-cpu-map MAP]\n", number == "--help" ? stdout : stderr);
    return number == "--help" ? 0 : 2;
  }
  // Blocked before any thread starts: the signal is this thread's to wait for.
  sigset_t interrupt;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  sigaddset(&interrupt, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &interrupt, nullptr);

  const auto running = metered::topology.start(std::move(options));
  const auto address = metered::expose(port);
  work(10'000);
  metered::native_pools::work.wait_idle();
  std::printf("http://127.0.0.1:%d/metrics\n", address.port());
  std::fflush(stdout);

  // A thousand tasks a second, until a signal comes.
  const timespec second{.tv_sec = 1, .tv_nsec = 0};
  while (sigtimedwait(&interrupt, nullptr, &second) < 0) work(1000);
  running.report(std::cout);
} catch (const std::exception& error) {
  std::fprintf(stderr, "metrics: %s\n", error.what());
  return 1;
}
