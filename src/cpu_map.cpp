#include "cpu_map.hpp"

#include <charconv>
#include <optional>

#include "cpu_list.hpp"

namespace pinfold::detail {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Somebody else's text in a message: what is no printable ASCII is written in hexadecimal digits.
std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown = "'";
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte >= 0x20 && byte < 0x7f) {
      shown += each;
    } else {
      shown += {'\\', 'x', digits[byte / 16], digits[byte % 16]};
    }
  }
  return shown + '\'';
}

std::optional<int> parse_cpu(std::string_view text) {
  text = trimmed(text);
  int cpu = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && cpu >= 0 && cpu <= largest_cpu ? std::optional(cpu) : std::nullopt;
}

// Empty: malformed.
std::vector<int> parse_cpus(std::string_view text) {
  std::vector<int> cpus;
  for (const std::string_view range : split(text, ',')) {
    const std::size_t dash = range.find('-');
    const auto first = parse_cpu(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_cpu(range.substr(dash + 1));
    if (!first || !last || *last < *first) return {};
    for (int cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

}  // namespace

cpu_map::cpu_map(std::string_view text, std::string_view source, std::vector<problem>& problems) {
  if (trimmed(text).empty()) return;
  for (const std::string_view entry : split(text, ';')) {
    if (trimmed(entry).empty()) continue;
    const std::vector<std::string_view> sides = split(entry, ':');
    const std::vector<int> from = parse_cpus(sides.front());
    const std::vector<int> to = sides.size() == 2 ? parse_cpus(sides.back()) : std::vector<int>{};
    if (from.empty() || to.empty()) {
      problems.push_back({"PF212", std::string(source), "CPU map entry " + quoted(trimmed(entry)) + " is malformed",
                          "write FROM:TO with lists like 0-3,8; entries are separated by ';': 9-16:0-7;5:0"});
      continue;
    }
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (to_.emplace(from[i], to[i % to.size()]).second) continue;
      problems.push_back({"PF212", std::string(source), "CPU map maps core " + std::to_string(from[i]) + " twice",
                          "name each core once on the left sides"});
    }
  }
}

std::vector<int> cpu_map::apply(std::span<const int> declared) const {
  std::vector<int> cpus;
  cpus.reserve(declared.size());
  for (const int cpu : declared) {
    const auto entry = to_.find(cpu);
    cpus.push_back(entry == to_.end() ? cpu : entry->second);
  }
  return cpus;
}

}  // namespace pinfold::detail
