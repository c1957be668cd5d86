// CPU numbers as people write them: "0-3,8".
#pragma once

#include <span>
#include <string>
#include <vector>

namespace pinfold::detail {

/// Runs of ascending numbers become ranges; "none" when empty.
[[nodiscard]] std::string format_cpus(std::span<const int> cpus);

/// Ascending, each once, as the kernel tells masks.
[[nodiscard]] std::vector<int> ascending(std::span<const int> cpus);

}  // namespace pinfold::detail
