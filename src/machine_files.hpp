// What the kernel says of this machine, and of this process's share of it, in /proc, /sys and the trees of cgroups.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pinfold/detail/os.hpp>

namespace pinfold::detail {

/// So much of every period.
struct time_share {
  std::int64_t runtime_us = 0;
  std::int64_t period_us = 0;
};

/// "cpu.max of cgroup /app".
struct cpu_quota {
  std::string name;
  time_share share;  ///< of one CPU: 200000/100000 is the time of two
};

/// How many threads may be, and are: "pids.max of cgroup /app".
struct thread_cap {
  std::string name;
  std::uint64_t most = 0;
  std::uint64_t used = 0;
};

/// Read at each call. What is missing, hidden or malformed is unknown, and so no limit: containers hide much of it, and
/// no start may fail for a file that cannot be read.
class machine_files {
 public:
  /// `root` is another one than "/" in tests.
  explicit machine_files(std::filesystem::path root = "/") : root_(std::move(root)) {}

  /// The tightest on the way from this process's cgroup up, of cgroup v1 and v2.
  [[nodiscard]] std::optional<cpu_quota> tightest_quota() const;

  /// Those that leave fewer than `more` threads: of the pids cgroups (each level), kernel.threads-max and
  /// kernel.pid_max. `used` may be less than it is, where others' processes are hidden; never more.
  [[nodiscard]] std::vector<thread_cap> thread_caps_below(std::uint64_t more) const;

  /// Threads of the processes that run as this (real) user and can be seen.
  [[nodiscard]] std::uint64_t threads_of(unsigned user) const;
  /// All threads of the machine: at least those of any one user. Unknown: as many as there can be.
  [[nodiscard]] std::uint64_t threads_of_the_machine() const;

  /// CPUs that the kernel does not balance load over: isolcpus=, and in a partition of type `isolated` all.
  [[nodiscard]] os::cpu_list isolated() const;
  [[nodiscard]] bool is_in_isolated_partition() const;
  /// CPUs whose tick stops while one thread is alone there.
  [[nodiscard]] os::cpu_list nohz_full() const;

  /// RLIMIT_RTTIME: for how long a thread of policy fifo or rr may run without sleeping; nothing where that is for
  /// ever.
  [[nodiscard]] std::optional<std::int64_t> realtime_limit_us() const;

  /// What kernels before 6.12 leave realtime threads of every CPU's time; nothing where that is all.
  [[nodiscard]] std::optional<time_share> realtime_throttle() const;
  /// What later kernels give ordinary threads of a CPU that realtime threads do not leave; nothing where that is none,
  /// and where debugfs is root's alone.
  [[nodiscard]] std::optional<time_share> fair_server(int cpu) const;

 private:
  struct cgroup {
    std::filesystem::path folder;
    std::string name;  // "/app"
  };

  [[nodiscard]] std::string read(const std::filesystem::path& file) const;
  [[nodiscard]] std::optional<std::int64_t> read_number(const std::filesystem::path& file) const;
  // From this process's own up to the mount point: those of cgroup v1 with this controller, then those of v2.
  [[nodiscard]] std::vector<cgroup> cgroups(std::string_view controller) const;
  [[nodiscard]] std::uint64_t visible_threads(std::optional<unsigned> user) const;

  std::filesystem::path root_;
};

}  // namespace pinfold::detail
