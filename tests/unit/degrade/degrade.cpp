// A topology with on_failure = "degrade": for each problem of a start it runs, and says exactly that; or it says why
// not.
#include <linux/capability.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <degraded/topology.hpp>
#include <realtime_degrade/topology.hpp>

#include "catch.hpp"
#include "refusing_kernel.hpp"
#include "support/child.hpp"
#include "support/lost_rights.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

using list = std::vector<std::string>;

list ids_and_places(std::span<const pinfold::problem> problems) {
  list all;
  for (const pinfold::problem& each : problems) {
    all.push_back(each.id + ' ' + (each.where.starts_with("process thread ") ? "process thread" : each.where));
    CHECK_FALSE(each.remedy.empty());
  }
  return all;
}

// Every pool runs tasks, whatever it had to do without.
template <class Topology>
void check_that_it_runs(const Topology& topology) {
  topology.for_each([](auto& pool) {
    for (const int answer : pool.broadcast([] { return 7; })) CHECK(answer == 7);
  });
}

list problems_of_degraded(const std::string& map) {
  const auto running = degraded::topology.start({.cpu_map = map});
  check_that_it_runs(degraded::topology);
  return ids_and_places(running.problems());
}

std::string failure_of_degraded(const std::string& map) {
  return message_of<pinfold::start_error>([&] { (void)degraded::topology.start({.cpu_map = map}); });
}

list each_thread(const std::string& id) {
  return {id + " asio.net thread 0", id + " asio.net thread 1", id + " native.work thread 0"};
}

int open_files_named(const std::string& name) {
  int count = 0;
  for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(each, gone) == name) ++count;
  }
  return count;
}

list each_pinned_thread(const std::string& id) { return {id + " asio.net thread 0", id + " asio.net thread 1"}; }

}  // namespace

TEST_CASE("without problems there is nothing to degrade") {
  CHECK(problems_of_degraded(cpu_map_of_this_machine()).empty());
}

TEST_CASE("what the kernel refuses is left out and named, and the pools run") {
  cpus_of_cores({0, 1});
  struct refusal {
    denial what;
    list problems;
  };
  const std::vector<refusal> all{
      {denial::affinity_of_itself, each_pinned_thread("PF204")},
      {denial::name, each_thread("PF207")},
      {denial::ignored_name, each_thread("PF208")},
      {denial::ignored_timer_slack, each_thread("PF208")},
      {denial::memory_lock, {"PF209 process"}},
      {denial::timer_slack, each_thread("PF210")},
      {denial::cpu_dma_latency, {"PF211 process"}},
  };
  for (const auto& [what, expected] : all) {
    CAPTURE(expected);
    const refusing_kernel kernel(what);
    CHECK(problems_of_degraded(cpu_map_of_this_machine()) == expected);
  }
}

TEST_CASE("limits that do not suffice are named, and the pools run while the kernel lets them") {
  const without_capability lock(CAP_IPC_LOCK);
  const without_capability resource(CAP_SYS_RESOURCE);
  const without_capability administration(CAP_SYS_ADMIN);
  {
    const refusing_kernel kernel(denial::room_for_locked_memory);
    CHECK(problems_of_degraded(cpu_map_of_this_machine()) == list{"PF209 process"});
  }
  const refusing_kernel kernel(denial::thread_limit);
  CHECK(problems_of_degraded(cpu_map_of_this_machine()) == list{"PF218 process"});
}

TEST_CASE("a core that is not there is named, and its thread runs where the process does") {
  const std::string map = "0:" + std::to_string(cpu_of_core(0)) + ";1:4001";
  CHECK(problems_of_degraded(map) == list{"PF201 asio.net thread 1"});
}

TEST_CASE("a policy without the right to it is named, and its pool runs without") {
  const without_capability nice(CAP_SYS_NICE);
  const lowered_limit priority(RLIMIT_RTPRIO, 0);
  const auto running = realtime_degrade::topology.start();
  check_that_it_runs(realtime_degrade::topology);
  CHECK(ids_and_places(running.problems()) == list{"PF205 native.fifo", "PF205 asio.round_robin"});
}

TEST_CASE("a managed thread that was set up without its policy has not drifted") {
  const without_capability nice(CAP_SYS_NICE);
  const lowered_limit priority(RLIMIT_RTPRIO, 0);
  const auto running = realtime_degrade::topology.start();
  const auto thread = realtime_degrade::native_pools::fifo.spawn_thread(
      "poller", [](std::stop_token stop) {  // NOLINT(performance-unnecessary-value-param): spawn_thread passes it so
        while (!stop.stop_requested()) std::this_thread::yield();
      });
  CHECK(running.verify().empty());
}

TEST_CASE("a child that is forked during a start does not hold the machine out of deep idle states") {
  int in_child = -1;
  {
    const before_each_thread fork_once([&] {
      if (in_child != -1) return;
      const pid_t child = fork();
      if (child == 0) {
        alarm(20);
        _exit(open_files_named("/dev/null"));
      }
      int status = 0;
      waitpid(child, &status, 0);
      in_child = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
    });
    const auto running = degraded::topology.start({.cpu_map = cpu_map_of_this_machine()});
    CHECK(open_files_named("/dev/null") == in_child + 1);
  }
  CHECK(open_files_named("/dev/null") == in_child);
}

TEST_CASE("with two CPUs: what is not allowed, does not stay or cannot be moved is named") {
  cpus_of_cores({0, 1});
  if (cpu_of_core(0) == cpu_of_core(1)) {
    CHECK(problems_of_degraded(cpu_map_of_this_machine()).empty());  // there is but one, and all are there
    return;
  }
  {
    cpu_set_t narrow;
    CPU_ZERO(&narrow);
    CPU_SET(cpu_of_core(0), &narrow);
    REQUIRE(sched_setaffinity(0, sizeof narrow, &narrow) == 0);
    const list found = problems_of_degraded(cpu_map_of_this_machine());
    cpu_set_t wide;
    CPU_ZERO(&wide);
    for (const int cpu : usable_cpus()) CPU_SET(cpu, &wide);
    REQUIRE(sched_setaffinity(0, sizeof wide, &wide) == 0);
    CHECK(found == list{"PF202 asio.net thread 1"});
  }
  {
    // Created by a thread on the process's core, thread 0 has its own already.
    const refusing_kernel kernel(denial::ignored_affinity);
    CHECK(problems_of_degraded(cpu_map_of_this_machine()) == list{"PF208 asio.net thread 1"});
  }
  const refusing_kernel kernel(denial::affinity_of_others);
  CHECK(problems_of_degraded(cpu_map_of_this_machine()) == list{"PF215 process thread"});
}

TEST_CASE("nothing stands in for threads, for what pools are made of, and for a map: a start without fails even so") {
  const std::string map = cpu_map_of_this_machine();
  {
    const refusing_kernel kernel(denial::thread);
    const std::string message = failure_of_degraded(map);
    CHECK(contains(message, "'degraded': 3 problems"));
    CHECK(contains(message, "PF203 native.work thread 0: thread cannot be created: Resource temporarily unavailable"));
  }
  {
    const refusing_kernel kernel(denial::mutex);
    CHECK(contains(failure_of_degraded(map), "PF216 asio.net: cannot be set up: mutex: "));
  }
  CHECK(contains(failure_of_degraded("no map"), "PF212 "));
  const auto running = degraded::topology.start({.cpu_map = map});
  CHECK(contains(failure_of_degraded(map), "PF213 "));
  check_that_it_runs(degraded::topology);
}

namespace {

// Both threads of [asio.net] on one CPU that runs without a tick while a thread is alone.
const std::string nohz_full = "/sys/devices/system/cpu/nohz_full";

std::string crowded_map() {
  const std::string cpu = std::to_string(cpu_of_core(0));
  return "0-1:" + cpu;
}

}  // namespace

TEST_CASE("a warning of the start goes to its handler, stays in the running topology, and is no problem") {
  const replaced_file tickless(nohz_full, "0-4095\n");
  std::vector<pinfold::problem> given;
  pinfold::start_options options{.cpu_map = crowded_map()};
  options.on_start_warning = [&](const pinfold::problem& warning) {
    CHECK(degraded::topology.is_running());
    given.push_back(warning);
  };
  auto running = degraded::topology.start(std::move(options));
  check_that_it_runs(degraded::topology);
  CHECK(running.problems().empty());
  CHECK(ids_and_places(running.warnings()) == list{"PF222 asio.net"});
  CHECK(std::vector<pinfold::problem>(running.warnings().begin(), running.warnings().end()) == given);
  const auto moved = std::move(running);
  CHECK(moved.warnings().size() == 1);
}

TEST_CASE("a start that fails gives no warnings") {
  const replaced_file tickless(nohz_full, "0-4095\n");
  const refusing_kernel kernel(denial::thread);
  pinfold::start_options options{.cpu_map = crowded_map()};
  options.on_start_warning = [](const pinfold::problem&) { FAIL("given"); };
  CHECK_THROWS_AS(degraded::topology.start(std::move(options)), pinfold::start_error);
}

TEST_CASE("child: a start with a warning", "[.child]") {
  const replaced_file tickless(nohz_full, "0-4095\n");
  (void)degraded::topology.start({.cpu_map = crowded_map()});
}

TEST_CASE("without a handler the warnings of a start are printed") {
  const child_result child = run_case("child: a start with a warning");
  CHECK(child.exit_code == 0);
  const std::string cpu = std::to_string(cpu_of_core(0));
  CHECK(contains(child.output, "pinfold: topology 'degraded' runs: 1 warning\n  PF222 asio.net: core " + cpu +
                                   " is nohz_full and has several threads, of asio.net: the tick is back while more "
                                   "than one of them runs\n        remedy: give each thread a nohz_full core"));
}
