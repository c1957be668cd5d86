#include "thread_counters.hpp"

#include <fstream>
#include <string>

namespace demo {
namespace {

// The number in the line "KEY   : NUMBER" of a file in /proc. Nothing without such a file or line: kernels built
// without CONFIG_SCHED_DEBUG have no `sched`.
std::optional<std::uint64_t> read_number(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(key)) return std::stoull(line.substr(line.find(':') + 1));
  }
  return std::nullopt;
}

}  // namespace

thread_counters read_counters(std::span<const pid_t> threads) {
  thread_counters sum;
  for (const pid_t thread : threads) {
    const std::string folder = "/proc/self/task/" + std::to_string(thread);
    sum.involuntary_switches += read_number(folder + "/status", "nonvoluntary_ctxt_switches").value_or(0);
    const auto migrations = read_number(folder + "/sched", "se.nr_migrations");
    if (sum.migrations && migrations) {
      *sum.migrations += *migrations;
    } else {
      sum.migrations.reset();
    }
  }
  return sum;
}

}  // namespace demo
