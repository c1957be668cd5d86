#include "report.hpp"

#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>

#include "options.hpp"

namespace bench {
namespace {

// Not getrusage: its ru_maxrss starts at the peak of the process that called exec(), here the runner's Python.
long peak_rss_kib() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> status(std::fopen("/proc/self/status", "r"), &std::fclose);
  char line[256];
  long kib = 0;
  while (status && std::fgets(line, sizeof line, status.get()) != nullptr) {
    if (std::sscanf(line, "VmHWM: %ld kB", &kib) == 1) return kib;
  }
  throw std::runtime_error("/proc/self/status has no VmHWM");
}

}  // namespace

void print_line(long answer, std::span<const figure> figures) {
  std::printf(R"({"answer": %ld, "peak_rss_kib": %ld)", answer, peak_rss_kib());
  for (const figure& each : figures) std::printf(R"(, "%s": %.9g)", each.name, each.value);
  std::puts("}");
  std::fflush(stdout);
}

int exit_status_of(const char* program, const std::function<void()>& body) {
  try {
    body();
    return 0;
  } catch (const usage_error& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program, error.what());
    return 1;
  }
}

}  // namespace bench
