// The CPUs that this process may use.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace demo {

std::vector<int> allowed_cpus();

/// Puts what was declared on cores 0, 1, 2 and so on onto the given CPUs, in their order: "0-3:4,5,6,7". Empty where
/// they are those cores.
std::string cpu_map_onto(const std::vector<int>& cpus);

}  // namespace demo
