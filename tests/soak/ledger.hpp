// What the producers did, by their own count: to be held against what the pools and the tasks say.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace soak {

using count = std::atomic<std::uint64_t>;

struct ledger {
  count offered{0};   // operations begun by producers: each is accepted or refused
  count accepted{0};  // and ended as it should
  count refused{0};   // pool_stopped

  count posted{0};  // of the accepted ones, posts; each is one run
  count run{0};

  count thrown{0};   // exceptions that left a task
  count escaped{0};  // that came to start_options::on_exception

  count coroutines_begun{0};
  count coroutines_ended{0};

  count wrong{0};  // answers that are not what they should be

  /// Of what must hold while the topology is stopped and no producer is in a call.
  [[nodiscard]] std::vector<std::string> contradictions() const {
    std::vector<std::string> all;
    const auto require_equal = [&](const char* left, std::uint64_t l, const char* right, std::uint64_t r) {
      if (l != r) all.push_back(std::string(left) + ' ' + std::to_string(l) + ", " + right + ' ' + std::to_string(r));
    };
    require_equal("offered", offered, "accepted and refused", accepted + refused);
    require_equal("posted", posted, "run", run);
    require_equal("thrown", thrown, "escaped", escaped);
    require_equal("coroutines begun", coroutines_begun, "ended", coroutines_ended);
    require_equal("wrong answers", wrong, "wanted", 0);
    return all;
  }
};

}  // namespace soak
