// What start() reports: problems, each with place and remedy, all together.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <pinfold/errors.hpp>

namespace pinfold {

/// One reason why the topology cannot run as declared on this machine.
struct problem {
  std::string id;      ///< "PF201"; `pinfold explain PF201`
  std::string where;   ///< "asio.net thread 3"
  std::string what;    ///< "core 17 is not online (online: 0-1)"
  std::string remedy;  ///< "edit [asio.net] cores (md.toml:14), or map it: PINFOLD_CPU_MAP=17:1"

  /// Equal in all texts.
  friend bool operator==(const problem&, const problem&) = default;
};

/// Thrown by start(): nothing of the topology runs, no thread of it is left.
class start_error : public error {
 public:
  /// `topology` is its name; `problems` are in declared order of the pools.
  start_error(const std::string& topology, std::vector<problem> problems);

  /// All of them, in declared order of the pools; what() has the same as text. Valid while the error lives.
  [[nodiscard]] std::span<const problem> problems() const noexcept { return problems_; }

 private:
  std::vector<problem> problems_;
};

}  // namespace pinfold
