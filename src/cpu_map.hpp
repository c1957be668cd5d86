// The map that runs a binary built for one host on another: "9-16:0-7;5:0".
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pinfold/start_error.hpp>

namespace pinfold::detail {

class cpu_map {
 public:
  cpu_map() = default;

  /// Entries FROM:TO separated by ';', each side a list like "0-3,8". TO may be shorter and is then used again from its
  /// start. A malformed map gives a problem and maps nothing.
  cpu_map(std::string_view text, std::string_view source, std::vector<problem>& problems);

  [[nodiscard]] bool empty() const { return to_.empty(); }

  /// The CPUs to use in place of `declared`, in the same order; those not in the map stay.
  [[nodiscard]] std::vector<int> apply(std::span<const int> declared) const;

 private:
  std::map<int, int> to_;
};

}  // namespace pinfold::detail
