// CPU numbers as people write them: "0-3,8".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pinfold::detail {

/// More than any kernel has; numbers beyond it are a mistake.
inline constexpr int largest_cpu = 65535;

/// "0-3,8" as in /sys and /proc; up to the first that is no such text. The numbers as they are written.
[[nodiscard]] std::vector<int> parse_cpu_list(std::string_view text);

/// Runs of ascending numbers become ranges; "none" when empty.
[[nodiscard]] std::string format_cpus(std::span<const int> cpus);

/// Ascending, each once, as the kernel tells masks.
[[nodiscard]] std::vector<int> ascending(std::span<const int> cpus);

}  // namespace pinfold::detail
