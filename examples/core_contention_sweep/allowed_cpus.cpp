#include "allowed_cpus.hpp"

#include <sched.h>
#include <cerrno>
#include <system_error>

namespace demo {

std::vector<int> allowed_cpus() {
  // The kernel refuses masks that are shorter than its own, whose length it does not say.
  constexpr std::size_t most = 8192;
  std::vector<unsigned long> words(most / (8 * sizeof(unsigned long)));
  auto* mask = reinterpret_cast<cpu_set_t*>(words.data());
  const std::size_t bytes = words.size() * sizeof(words[0]);
  if (sched_getaffinity(0, bytes, mask) != 0)
    throw std::system_error(errno, std::system_category(), "sched_getaffinity");
  std::vector<int> cpus;
  for (std::size_t cpu = 0; cpu < most; ++cpu) {
    if (CPU_ISSET_S(cpu, bytes, mask)) cpus.push_back(static_cast<int>(cpu));
  }
  return cpus;
}

std::string cpu_map_onto(const std::vector<int>& cpus) {
  const int last = static_cast<int>(cpus.size()) - 1;
  if (cpus.empty() || cpus.back() == last) return {};
  std::string map = "0-" + std::to_string(last);
  char separator = ':';
  for (const int cpu : cpus) {
    map += separator + std::to_string(cpu);
    separator = ',';
  }
  return map;
}

}  // namespace demo
