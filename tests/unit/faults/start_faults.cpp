// Every call that a start makes of the system fails once with each error, and every allocation once.
#include <signal.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iomanip>
#include <iostream>
#include <map>
#include <new>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <faults/topology.hpp>
#include <faults_degrade/topology.hpp>

#include "catch.hpp"
#include "faults/injection.hpp"
#include "faults/process_state.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

constexpr std::array errors{EPERM, EINVAL, EAGAIN, ENOMEM};

// Why a start may do without a call. `error` 0: any.
struct harmless_fault {
  std::string_view symbol;
  std::string_view caller;  // begins so; or is so, where it ends with a full stop
  int error;
  std::string_view reason;
};
constexpr std::array harmless{
    harmless_fault{"sched_getaffinity", "", EINVAL,
                   "the kernel's mask may be larger: it is asked again with more room"},
    // By a thread of TBB's that has nothing else to do, and may come after the start.
    harmless_fault{"pthread_setname_np", "os::set_thread_name.", 0, "the name is for people who look at threads"},
    harmless_fault{"pthread_getname_np", "os::read_thread_name < os::thread_name[abi:cxx11]", 0,
                   "the name is for people who look at threads"},
    harmless_fault{"readlink", "", 0, "a remedy says 'the program' instead of its name"},
    harmless_fault{"fopen64", "os::online_cpus", 0, "the C library counts the CPUs"},
    harmless_fault{"read", "os::online_cpus", 0, "the C library counts the CPUs"},
    // What is unknown about the machine is no limit; the kernel has the last word.
    harmless_fault{"fopen64", "machine_files::read", 0, "a file that cannot be read sets no limit"},
    harmless_fault{"read", "machine_files::read", 0, "a file that cannot be read sets no limit"},
    harmless_fault{"getrlimit", "os::thread_limit", 0, "the thread that is too many is refused later"},
    harmless_fault{"getrlimit", "os::lockable_bytes_left", 0, "the stack that is too many is refused later"},
    harmless_fault{"fopen64", "os::lockable_bytes_left", 0, "the stack that is too many is refused later"},
    harmless_fault{"read", "os::lockable_bytes_left", 0, "the stack that is too many is refused later"},
    harmless_fault{"fopen64", "os::may_set_any_schedule", 0, "the kernel says later what is not allowed"},
    harmless_fault{"read", "os::may_set_any_schedule", 0, "the kernel says later what is not allowed"},
};

const harmless_fault* reason_for(const call_site& site, int error) {
  const auto* const found = std::ranges::find_if(harmless, [&](const harmless_fault& each) {
    const bool is_caller =
        each.caller.ends_with('.') ? each.caller == site.caller + '.' : site.caller.starts_with(each.caller);
    return each.symbol == site.symbol && is_caller && (each.error == 0 || each.error == error);
  });
  return found == harmless.end() ? nullptr : found;
}

std::string text_of(const call_site& site) {
  return site.symbol + " in " + site.caller + (site.by_starter ? "" : " (pool's thread)");
}

// A cell that does not end is a failure that names itself.
class limited {
 public:
  explicit limited(const std::string& cell) {
    std::snprintf(name_.data(), name_.size(), "has no end in: %s\n", cell.c_str());
    signal(SIGALRM, [](int) {
      [[maybe_unused]] const auto written = write(STDERR_FILENO, name_.data(), std::strlen(name_.data()));
      _exit(3);
    });
    std::set_terminate([] {
      std::fprintf(stderr, "ended the process, which %s", name_.data());
      std::abort();
    });
    alarm(20);
  }
  limited(const limited&) = delete;
  limited& operator=(const limited&) = delete;
  ~limited() { alarm(0); }

 private:
  static inline std::array<char, 400> name_{};
};

template <class Topology>
void require_all_work(const Topology& topology) {
  topology.for_each([](auto& pool) {
    if (pool.install([] { return 41; }) != 41) throw std::logic_error("a pool does not work");
  });
}

struct outcome {
  std::string in_table;   // "PF204", "harmless", "bad_alloc"
  std::string complaint;  // what is wrong with it
};

outcome refused_with(const pinfold::start_error& error, int number) {
  const std::string text = error.what();
  const pinfold::problem& first = error.problems().front();
  outcome result{.in_table = first.id, .complaint = ""};
  if (first.where.empty() || first.remedy.empty()) result.complaint = "no place or no remedy: " + text;
  if (number != 0 && !contains(text, std::strerror(number))) result.complaint = "the error is not named: " + text;
  return result;
}

// What comes of a start that `watch` makes fail, and whether all is as before after it.
template <class Topology>
outcome outcome_of(const Topology& topology, watched_start& watch, int number) {
  outcome result;
  try {
    auto running = topology.start(watched_start::options(on_this_machine()));
    watch.end();
    result.in_table = running.problems().empty() ? "runs" : "degraded " + running.problems().front().id;
    // One problem may bring another: a thread that keeps its creator's CPUs gets no deadline.
    const auto names_the_error = [number](const pinfold::problem& each) {
      return contains(each.what, std::strerror(number));
    };
    if (number != 0 && !running.problems().empty() && std::ranges::none_of(running.problems(), names_the_error)) {
      result.complaint = running.problems().front().what;
    }
    require_all_work(topology);
  } catch (const pinfold::start_error& error) {
    watch.end();
    result = refused_with(error, number);
  } catch (const std::bad_alloc&) {
    watch.end();
    result.in_table = "bad_alloc";
  }
  return result;
}

template <class Topology>
std::string works_again(const Topology& topology) {
  try {
    const auto again = topology.start(on_this_machine());
    if (!again.problems().empty()) return " second start: " + again.problems().front().what;
    require_all_work(topology);
  } catch (const std::exception& error) {
    return std::string(" second start: ") + error.what();
  }
  return "";
}

class matrix {
 public:
  void enter(const std::string& row, const std::string& column, const std::string& result) {
    ++cells_;
    rows_[row][column].insert(result);
    ++counts_[row];
  }
  void leak() { ++leaks_; }

  void print(const std::string& title, const std::vector<std::string>& columns) const {
    std::ostringstream out;
    out << '\n' << title << '\n';
    for (const auto& [row, results] : rows_) {
      out << "  " << row << ", " << counts_.at(row) << " cells\n   ";
      for (const std::string& column : columns) {
        out << ' ' << column << ": ";
        const auto found = results.find(column);
        std::string text;
        if (found != results.end()) {
          for (const std::string& each : found->second) text += (text.empty() ? "" : "/") + each;
        }
        out << std::left << std::setw(10) << text;
      }
      out << '\n';
    }
    out << cells_ << " cells, " << leaks_ << " leaks, 0 hangs\n";
    std::cout << out.str() << std::flush;
  }
  [[nodiscard]] std::size_t leaks() const { return leaks_; }

 private:
  std::map<std::string, std::map<std::string, std::set<std::string>>> rows_;
  std::map<std::string, std::size_t> counts_;
  std::size_t cells_ = 0;
  std::size_t leaks_ = 0;
};

const char* name_of_error(int error) {
  switch (error) {
    case EPERM:
      return "EPERM";
    case EINVAL:
      return "EINVAL";
    case EAGAIN:
      return "EAGAIN";
    default:
      return "ENOMEM";
  }
}

// Once without a fault: what a process allocates once is there, and whether this one may do all that is asked for.
template <class Topology>
std::optional<std::string> reason_not_to_run(const Topology& topology) {
  try {
    const auto running = topology.start(on_this_machine());
    require_all_work(topology);
    if (!running.problems().empty()) return running.problems().front().what;
  } catch (const pinfold::start_error& error) {
    return error.what();
  }
  return std::nullopt;
}

template <class Topology>
std::vector<call_site> sites_of_a_start(const Topology& topology) {
  watched_start watch;
  const auto running = topology.start(watched_start::options(on_this_machine()));
  watch.end();
  return watch.sites();
}

template <class Topology>
void fail_every_call(const Topology& topology, std::span<const int> with) {
  const process_state before = state_of_this_process();
  const std::vector<call_site> sites = sites_of_a_start(topology);
  REQUIRE(sites.size() > 20);
  matrix all;
  std::vector<std::string> columns;
  for (const int error : with) columns.emplace_back(name_of_error(error));
  for (const call_site& site : sites) {
    for (std::size_t call = 0; call < site.calls; ++call) {
      for (const int error : with) {
        const std::string cell = text_of(site) + ", call " + std::to_string(call) + ", " + name_of_error(error);
        const limited time(cell);
        const fault failing{.site = site, .call = call, .error = error};
        outcome result;
        bool has_failed = false;
        {
          watched_start watch(failing);
          result = outcome_of(topology, watch, error);
          has_failed = watch.has_failed();
        }
        if (!has_failed) result.in_table = "no call";
        if (has_failed && result.in_table == "runs") {
          result.in_table = "harmless";
          if (reason_for(site, error) == nullptr) result.complaint = "it starts as if nothing had happened";
        }
        const std::string left = left_since(before);
        if (!left.empty()) all.leak();
        result.complaint += works_again(topology);
        const std::string left_then = left_since(before);
        all.enter(text_of(site), name_of_error(error), result.in_table);
        INFO(cell);
        CHECK(result.complaint == "");
        CHECK(left == "");
        CHECK(left_then == "");
        CHECK((has_failed || !site.by_starter));
      }
    }
  }
  all.print("topology " + std::string(topology.name()), columns);
  CHECK(all.leaks() == 0);
}

template <class Topology>
void fail_every_allocation(const Topology& topology) {
  const process_state before = state_of_this_process();
  matrix all;
  for (std::size_t allocation = 0;; ++allocation) {
    const std::string cell = "operator new " + std::to_string(allocation);
    const limited time(cell);
    outcome result;
    bool has_failed = false;
    {
      watched_start watch(allocation);
      result = outcome_of(topology, watch, 0);
      has_failed = watch.has_failed();
    }
    if (!has_failed) break;
    const std::string left = left_since(before);
    if (!left.empty()) all.leak();
    result.complaint += works_again(topology);
    all.enter("operator new of " + std::string(topology.name()), "std::bad_alloc", result.in_table);
    INFO(cell);
    CHECK(result.complaint == "");
    CHECK(left == "");
    CHECK(left_since(before) == "");
  }
  all.print("topology " + std::string(topology.name()), {"std::bad_alloc"});
  CHECK(all.leaks() == 0);
}

}  // namespace

TEST_CASE("a call of the system that fails fails the start, and leaves nothing") {
  if (const auto reason = reason_not_to_run(faults::topology)) {
    WARN("not run: this process may not do what the topology asks for: " << *reason);
    return;
  }
  fail_every_call(faults::topology, errors);
}

TEST_CASE("a call of the system that fails degrades a topology that may, and leaves nothing") {
  if (const auto reason = reason_not_to_run(faults_degrade::topology)) {
    WARN("not run: this process may not do what the topology asks for: " << *reason);
    return;
  }
  fail_every_call(faults_degrade::topology, std::span(errors).first(1));
}

TEST_CASE("an allocation that fails fails the start, and leaves nothing") {
  if (const auto reason = reason_not_to_run(faults::topology)) {
    WARN("not run: this process may not do what the topology asks for: " << *reason);
    return;
  }
  fail_every_allocation(faults::topology);
}
