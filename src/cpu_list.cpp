#include "cpu_list.hpp"

#include <algorithm>
#include <charconv>

namespace pinfold::detail {
namespace {

// -1: none there.
int take_cpu(std::string_view& text) {
  int cpu = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  if (error != std::errc{} || cpu < 0 || cpu > largest_cpu) return -1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return cpu;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::vector<int> parse_cpu_list(std::string_view text) {
  std::vector<int> cpus;
  do {
    const int first = take_cpu(text);
    const int last = first >= 0 && take(text, '-') ? take_cpu(text) : first;
    if (first < 0 || last < 0) break;
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
  } while (take(text, ','));
  return cpus;
}

std::string format_cpus(std::span<const int> cpus) {
  if (cpus.empty()) return "none";
  std::string text;
  for (std::size_t first = 0; first < cpus.size();) {
    std::size_t last = first;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += std::to_string(cpus[first]);
    if (last != first) text += '-' + std::to_string(cpus[last]);
    first = last + 1;
  }
  return text;
}

std::vector<int> ascending(std::span<const int> cpus) {
  std::vector<int> sorted(cpus.begin(), cpus.end());
  std::ranges::sort(sorted);
  const auto repeated = std::ranges::unique(sorted);
  sorted.erase(repeated.begin(), repeated.end());
  return sorted;
}

}  // namespace pinfold::detail
