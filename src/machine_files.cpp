#include "machine_files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <limits>
#include <utility>

#include "cpu_list.hpp"

namespace pinfold::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t unknown_count = std::numeric_limits<std::uint64_t>::max();

std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

template <class Number>
std::optional<Number> number_of(std::string_view word) {
  Number number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return number;
}

template <class Number>
std::optional<Number> word_as_number(const std::vector<std::string_view>& words, std::size_t index) {
  return index < words.size() ? number_of<Number>(words[index]) : std::nullopt;
}

bool lists(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    if (take_until(list, ',') == wanted) return true;
  }
  return false;
}

// The kernel writes blanks, tabs, line ends and backslashes of a mount point as three octal digits.
std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) { return text[i + at] - '0'; };
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += static_cast<char>((digit(1) * 64) + (digit(2) * 8) + digit(3));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// A tree of cgroups where it is mounted: all of it, or from `top` on.
struct cgroup_mount {
  std::string top;
  fs::path folder;
  bool is_v2 = false;
  std::string_view controllers;  // of v1, among other words
};

// "41 31 0:38 TOP FOLDER rw,relatime shared:5 - cgroup2 cgroup2 rw"
std::optional<cgroup_mount> cgroup_mount_of(std::string_view line) {
  const std::vector<std::string_view> words = words_of(line);
  const auto dash = std::ranges::find(words, "-");
  if (dash - words.begin() < 6 || words.end() - dash < 4) return std::nullopt;
  const std::string_view type = dash[1];
  if (type != "cgroup" && type != "cgroup2") return std::nullopt;
  return cgroup_mount{.top = without_escapes(words[3]),
                      .folder = without_escapes(words[4]),
                      .is_v2 = type == "cgroup2",
                      .controllers = dash[3]};
}

// "/app/worker" below "/app" is "worker"; nothing where it does not lie there.
std::optional<fs::path> below(std::string_view path, std::string_view top) {
  if (top == "/") top = "";
  if (!path.starts_with(top)) return std::nullopt;
  path.remove_prefix(top.size());
  if (!path.empty() && path.front() != '/') return std::nullopt;
  while (path.starts_with('/')) path.remove_prefix(1);
  fs::path relative(path);
  if (std::ranges::find(relative, fs::path("..")) != relative.end()) return std::nullopt;
  return relative;
}

bool is_tighter(const time_share& left, const time_share& right) {
  return static_cast<double>(left.runtime_us) / static_cast<double>(left.period_us) <
         static_cast<double>(right.runtime_us) / static_cast<double>(right.period_us);
}

}  // namespace

std::string machine_files::read(const fs::path& file) const {
  constexpr std::size_t most = std::size_t{1} << 20U;
  std::ifstream stream(root_ / file.relative_path(), std::ios::binary);
  std::string text;
  std::array<char, 4096> bytes{};
  while (text.size() < most && stream) {
    stream.read(bytes.data(), bytes.size());
    text.append(bytes.data(), static_cast<std::size_t>(stream.gcount()));
  }
  return text;
}

std::optional<std::int64_t> machine_files::read_number(const fs::path& file) const {
  const std::string text = read(file);
  const auto words = words_of(text);
  return words.size() == 1 ? number_of<std::int64_t>(words.front()) : std::nullopt;
}

std::vector<machine_files::cgroup> machine_files::cgroups(std::string_view controller) const {
  const std::string mounts = read("/proc/self/mountinfo");
  const std::string memberships = read("/proc/self/cgroup");
  std::vector<cgroup> found;
  const auto add_levels = [&](const cgroup_mount& mount, const fs::path& relative) {
    fs::path here = relative;
    for (;;) {
      if (here.empty()) {
        found.push_back({.folder = mount.folder, .name = mount.top});
        return;
      }
      found.push_back({.folder = mount.folder / here, .name = (fs::path(mount.top) / here).generic_string()});
      here = here.parent_path();
    }
  };
  for (const bool v2 : {false, true}) {
    // "4:cpu,cpuacct:/app" of v1, "0::/app" of v2
    for (std::string_view lines = memberships; !lines.empty();) {
      std::string_view line = take_until(lines, '\n');
      const bool is_v2 = take_until(line, ':') == "0";
      const std::string_view controllers = take_until(line, ':');
      if (is_v2 != v2 || (!v2 && !lists(controllers, controller))) continue;
      for (std::string_view rest = mounts; !rest.empty();) {
        const auto mount = cgroup_mount_of(take_until(rest, '\n'));
        if (!mount || mount->is_v2 != v2 || (!v2 && !lists(mount->controllers, controller))) continue;
        if (const auto relative = below(line, mount->top)) {
          add_levels(*mount, *relative);
          break;
        }
      }
    }
  }
  return found;
}

std::optional<cpu_quota> machine_files::tightest_quota() const {
  std::optional<cpu_quota> tightest;
  const auto consider = [&](const cgroup& group, const char* file, std::optional<std::int64_t> quota,
                            std::optional<std::int64_t> period) {
    if (!quota || !period || *quota <= 0 || *period <= 0) return;
    cpu_quota here{.name = std::string(file) + " of cgroup " + group.name,
                   .share = {.runtime_us = *quota, .period_us = *period}};
    if (!tightest || is_tighter(here.share, tightest->share)) tightest = std::move(here);
  };
  for (const cgroup& group : cgroups("cpu")) {
    const std::string max = read(group.folder / "cpu.max");
    const auto words = words_of(max);
    consider(group, "cpu.max", word_as_number<std::int64_t>(words, 0), word_as_number<std::int64_t>(words, 1));
    consider(group, "cpu.cfs_quota_us", read_number(group.folder / "cpu.cfs_quota_us"),
             read_number(group.folder / "cpu.cfs_period_us"));
  }
  return tightest;
}

std::vector<thread_cap> machine_files::thread_caps_below(std::uint64_t more) const {
  std::vector<thread_cap> limits;
  const auto add_if_tight = [&](std::string name, std::optional<std::int64_t> most, std::uint64_t used) {
    if (!most || *most < 0) return;
    const auto limit = static_cast<std::uint64_t>(*most);
    if (limit < used || limit - used < more) limits.push_back({.name = std::move(name), .most = limit, .used = used});
  };
  for (const cgroup& group : cgroups("pids")) {
    const auto used = read_number(group.folder / "pids.current");
    if (!used || *used < 0) continue;
    add_if_tight("pids.max of cgroup " + group.name, read_number(group.folder / "pids.max"),
                 static_cast<std::uint64_t>(*used));
  }
  const std::uint64_t all = threads_of_the_machine();
  if (all == unknown_count) return limits;
  add_if_tight("kernel.threads-max", read_number("/proc/sys/kernel/threads-max"), all);
  // A PID namespace may have its own, and has fewer threads than the machine: those that can be seen.
  const auto most = read_number("/proc/sys/kernel/pid_max");
  if (most && *most >= 0 &&
      static_cast<std::uint64_t>(*most) - std::min(all, static_cast<std::uint64_t>(*most)) < more) {
    add_if_tight("kernel.pid_max", most, visible_threads(std::nullopt));
  }
  return limits;
}

std::uint64_t machine_files::threads_of(unsigned user) const { return visible_threads(user); }

// "0.12 0.30 0.25 2/345 6789": 345 of them.
std::uint64_t machine_files::threads_of_the_machine() const {
  const std::string load = read("/proc/loadavg");
  const auto words = words_of(load);
  if (words.size() < 4) return unknown_count;
  std::string_view counts = words[3];
  take_until(counts, '/');
  return number_of<std::uint64_t>(counts).value_or(unknown_count);
}

std::uint64_t machine_files::visible_threads(std::optional<unsigned> user) const {
  std::uint64_t sum = 0;
  std::error_code error;
  for (fs::directory_iterator entry(root_ / "proc", error), end; !error && entry != end; entry.increment(error)) {
    const std::string process = entry->path().filename().string();
    if (!number_of<int>(process)) continue;
    std::uint64_t threads = 0;
    bool counts = !user;
    const std::string status = read(fs::path("/proc") / process / "status");
    for (std::string_view lines = status; !lines.empty();) {
      const auto words = words_of(take_until(lines, '\n'));
      if (words.empty()) continue;
      if (words[0] == "Uid:" && user) counts = word_as_number<unsigned>(words, 1) == user;
      if (words[0] == "Threads:") threads = word_as_number<std::uint64_t>(words, 1).value_or(0);
    }
    if (counts) sum += threads;
  }
  return sum;
}

os::cpu_list machine_files::isolated() const { return parse_cpu_list(read("/sys/devices/system/cpu/isolated")); }

// A partition is a cgroup with CPUs of its own, and what lies below it is in it.
bool machine_files::is_in_isolated_partition() const {
  for (const cgroup& group : cgroups("cpuset")) {
    const std::string partition = read(group.folder / "cpuset.cpus.partition");
    const auto words = words_of(partition);
    if (words.size() == 1 && words.front() != "member") return words.front() == "isolated";
  }
  return false;
}

os::cpu_list machine_files::nohz_full() const { return parse_cpu_list(read("/sys/devices/system/cpu/nohz_full")); }

// "Max realtime timeout      unlimited            unlimited            us", and the same of other limits.
std::optional<std::int64_t> machine_files::realtime_limit_us() const {
  constexpr std::string_view name = "Max realtime timeout";
  const std::string limits = read("/proc/self/limits");
  for (std::string_view lines = limits; !lines.empty();) {
    std::string_view line = take_until(lines, '\n');
    if (!line.starts_with(name)) continue;
    line.remove_prefix(name.size());
    return word_as_number<std::int64_t>(words_of(line), 0);
  }
  return std::nullopt;
}

// Kernels from 6.12 on read the two numbers only where they admit deadline threads.
std::optional<time_share> machine_files::realtime_throttle() const {
  const std::string release = read("/proc/sys/kernel/osrelease");
  std::string_view text = release;
  const auto major = number_of<int>(take_until(text, '.'));
  const auto minor = number_of<int>(text.substr(0, text.find_first_not_of("0123456789")));
  if (!major || !minor || std::pair(*major, *minor) >= std::pair(6, 12)) return std::nullopt;
  const auto runtime = read_number("/proc/sys/kernel/sched_rt_runtime_us");
  const auto period = read_number("/proc/sys/kernel/sched_rt_period_us");
  if (!runtime || !period || *runtime < 0 || *runtime >= *period) return std::nullopt;
  return time_share{.runtime_us = *runtime, .period_us = *period};
}

std::optional<time_share> machine_files::fair_server(int cpu) const {
  const fs::path folder = fs::path("/sys/kernel/debug/sched/fair_server") / ("cpu" + std::to_string(cpu));
  const auto runtime_ns = read_number(folder / "runtime");
  const auto period_ns = read_number(folder / "period");
  if (!runtime_ns || !period_ns || *runtime_ns <= 0 || *period_ns <= 0) return std::nullopt;
  return time_share{.runtime_us = *runtime_ns / 1000, .period_us = *period_ns / 1000};
}

}  // namespace pinfold::detail
