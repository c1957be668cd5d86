// Makes one call of the C library, or one operator new, fail: this program's own definitions stand before the
// library's.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <pinfold/start_options.hpp>

namespace pinfold_test {

/// Where the program, or the standard library for it, calls the system.
struct call_site {
  std::string symbol;  ///< "sched_setaffinity"
  std::string caller;  ///< the functions that have names for the linker, innermost first: "os::set_affinity < start"
  bool by_starter = false;
  std::size_t calls = 0;
  std::array<void*, 2> frames{};  ///< what tells it from others
};

/// Which call is to fail. Calls are numbered from 0 at each site.
struct fault {
  call_site site;
  std::size_t call = 0;
  int error = 0;
};

/// While one exists, calls are counted until the topology has started: by the thread that made it, and by threads of
/// pools until their first task.
class watched_start {
 public:
  watched_start();
  /// `failing` is to stay.
  explicit watched_start(const fault& failing);
  /// The operator new of this number, from 0, throws std::bad_alloc.
  explicit watched_start(std::size_t failing_allocation);
  watched_start(const watched_start&) = delete;
  watched_start& operator=(const watched_start&) = delete;
  ~watched_start();

  /// To be started with: they end the watch on each thread of a pool.
  [[nodiscard]] static pinfold::start_options options(pinfold::start_options chosen);

  void end() noexcept;
  [[nodiscard]] bool has_failed() const noexcept;  ///< the call that was to fail was made
  [[nodiscard]] std::vector<call_site> sites() const;
  [[nodiscard]] std::size_t allocations() const noexcept;
};

}  // namespace pinfold_test
