// start() that fails: every problem, each with place and remedy, and nothing left behind.
#include <linux/capability.h>
#include <sched.h>
#include <fstream>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <absent/topology.hpp>
#include <absent_degrade/topology.hpp>
#include <later/topology.hpp>
#include <oversized/topology.hpp>
#include <placement/topology.hpp>

#include "catch.hpp"
#include "support/environment_map.hpp"
#include "support/eventually.hpp"
#include "support/lost_rights.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

template <class Topology>
std::vector<pinfold::problem> problems_of(const Topology& topology, pinfold::start_options options = {}) {
  try {
    (void)topology.start(std::move(options));
  } catch (const pinfold::start_error& error) {
    return {error.problems().begin(), error.problems().end()};
  }
  return {};
}

// "PINFOLD_CPU_MAP=4000:0" out of a remedy: what follows the sign.
std::string proposed_map(const std::string& remedy) {
  const std::string sign = "PINFOLD_CPU_MAP=";
  const std::size_t at = remedy.find(sign);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + sign.size();
  return remedy.substr(begin, remedy.find_first_not_of("0123456789:,-", begin) - begin);
}

rlim_t address_space_in_use() {
  std::ifstream memory("/proc/self/statm");
  rlim_t pages = 0;
  memory >> pages;
  return pages * 4096;
}

}  // namespace

TEST_CASE("a start that fails lists every problem with id, place, reason and remedy in declared order") {
  const without_capability nice(CAP_SYS_NICE);
  const lowered_limit priority(RLIMIT_RTPRIO, 0);
  const auto problems = problems_of(absent::topology);

  struct expected {
    const char* id;
    const char* where;
    const char* what;
    const char* remedy;
  };
  const std::vector<expected> all{
      {"PF201", "process", "core 4003 is not online (online: ",
       "edit [process] cores (topologies/absent.toml:6), or map them all: PINFOLD_CPU_MAP=4000-4001,4003,4010-4012:"},
      {"PF201", "asio.net thread 0", "core 4000 is not online (online: ",
       "edit [asio.net] cores (topologies/absent.toml:9), or map them all: PINFOLD_CPU_MAP=4000-4001,4003,4010-4012:"},
      {"PF201", "asio.net thread 1", "core 4001 is not online (online: ",
       "edit [asio.net] cores (topologies/absent.toml:9), or map them all: PINFOLD_CPU_MAP=4000-4001,4003,4010-4012:"},
      {"PF201", "native.crowd", "cores 4010-4012 are not online (online: ",
       "edit [native.crowd] cores (topologies/absent.toml:12), or map them all: "
       "PINFOLD_CPU_MAP=4000-4001,4003,4010-4012:"},
      {"PF205", "native.realtime", "SCHED_FIFO 50 refused: Operation not permitted",
       "sudo setcap cap_sys_nice+ep ./unit_start, or raise RLIMIT_RTPRIO to 50, or for a unit of systemd "
       "LimitRTPRIO=50"},
  };
  REQUIRE(problems.size() == all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(problems[i].id == all[i].id);
    CHECK(problems[i].where == all[i].where);
    CHECK(problems[i].what.starts_with(all[i].what));
    CHECK(problems[i].remedy.starts_with(all[i].remedy));
  }
}

TEST_CASE("the cores of managed threads are looked at before any thread starts") {
  const auto problems = problems_of(later::topology);
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].id == "PF201");
  CHECK(problems[0].where == "native.helped managed threads");
  CHECK(problems[1].where == "native.managed managed threads");
}

TEST_CASE("the message of a failed start has one paragraph a problem") {
  const std::string message = message_of<pinfold::start_error>([] { (void)absent::topology.start(); });
  CHECK(message.starts_with("pinfold: cannot start topology 'absent': "));
  CHECK(contains(message, " problems\n  PF201 process: core 4003 is not online (online: "));
  CHECK(contains(message, ")\n        remedy: edit [process] cores (topologies/absent.toml:6), or map them all: "));
}

TEST_CASE("the CPU map that a problem proposes solves all problems of its kind") {
  std::vector<std::string> maps;
  {
    const auto degraded = absent_degrade::topology.start();
    for (const pinfold::problem& each : degraded.problems()) {
      if (each.id == "PF201") maps.push_back(proposed_map(each.remedy));
    }
  }
  REQUIRE(maps.size() == 4);
  for (const std::string& map : maps) {
    CAPTURE(map);
    const environment_map environment(map);
    const auto running = absent_degrade::topology.start();
    for (const pinfold::problem& each : running.problems()) CHECK(each.id == "PF205");
  }
}

TEST_CASE("a start that fails in the preflight creates no thread and a second start with a CPU map works") {
  const std::vector<thread_facts> before = threads_of_this_process();
  CHECK_FALSE(problems_of(placement::topology, {.cpu_map = "0-1:4000-4001"}).empty());
  CHECK(threads_since(before).empty());
  CHECK(affinity_of_this_thread() == usable_cpus());
  CHECK_THROWS_AS(placement::native_pools::reversed.post([] {}), pinfold::pool_stopped);

  const auto running = placement::topology.start(on_this_machine());
  CHECK(placement::native_pools::reversed.install([] { return 1; }) == 1);
}

TEST_CASE("a core that is online but not allowed to the process is a problem of its own") {
  const auto all = usable_cpus();
  if (all.size() < 2) {
    SECTION("this machine has one CPU, and that one is allowed") {
      CHECK(problems_of(placement::topology, on_this_machine()).empty());
    }
    return;
  }
  SECTION("this machine has several CPUs") {
    cpu_set_t narrow;
    CPU_ZERO(&narrow);
    CPU_SET(cpu_of_core(0), &narrow);
    const pinfold::start_options options = on_this_machine();
    REQUIRE(sched_setaffinity(0, sizeof narrow, &narrow) == 0);
    const auto problems = problems_of(placement::topology, options);
    cpu_set_t wide;
    CPU_ZERO(&wide);
    for (const int cpu : all) CPU_SET(cpu, &wide);
    REQUIRE(sched_setaffinity(0, sizeof wide, &wide) == 0);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].id == "PF202");
    CHECK(problems[0].where == "native.reversed thread 0");
    CHECK(problems[0].what == "core " + std::to_string(cpu_of_core(1)) +
                                  " is not allowed to this process (allowed: " + std::to_string(cpu_of_core(0)) + ")");
    CHECK(contains(problems[0].remedy, "or widen the process's affinity mask or cpuset cgroup"));
  }
}

TEST_CASE("a thread that cannot be created is named, and the threads that were created are gone") {
  std::thread([] {}).join();  // a thread sanitizer starts one of its own with the first
  const std::vector<thread_facts> before = threads_of_this_process();
  std::vector<pinfold::problem> problems;
  {
    const lowered_limit memory(RLIMIT_AS, address_space_in_use() + (rlim_t{512} << 20U));
    problems = problems_of(oversized::topology);
  }
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].id == "PF203");
  CHECK(problems[0].where == "native.huge thread 0");
  CHECK(problems[0].what == "thread cannot be created: Resource temporarily unavailable");
  CHECK(contains(problems[0].remedy, "lower [native.huge] threads (topologies/oversized.toml:"));
  CHECK(eventually([&] { return threads_since(before).empty(); }));
  CHECK(count_threads_named_like("small-") == 0);
  CHECK_THROWS_AS(oversized::native_pools::small.post([] {}), pinfold::pool_stopped);

  const auto running = oversized::topology.start();
  CHECK(oversized::native_pools::small.install([] { return 1; }) == 1);
}

TEST_CASE("a topology that degrades runs unpinned what it cannot pin and keeps the problems") {
  const without_capability nice(CAP_SYS_NICE);
  const lowered_limit priority(RLIMIT_RTPRIO, 0);
  const auto all = usable_cpus();
  const auto running = absent_degrade::topology.start();

  const std::span<const pinfold::problem> problems = running.problems();
  REQUIRE(problems.size() == 5);
  CHECK(problems.front().where == "process");
  CHECK(problems.back().id == "PF205");
  for (const char* name : {"net-0", "net-1", "crowd-0", "crowd-1"}) {
    const auto thread = thread_named(name);
    REQUIRE(thread.has_value());
    CHECK(thread->cpus == all);
  }
  const auto realtime = thread_named("realtime-0");
  REQUIRE(realtime.has_value());
  CHECK(realtime->policy == SCHED_OTHER);
  absent_degrade::topology.for_each([](auto& pool) { CHECK(pool.install([] { return 1; }) == 1); });
}

TEST_CASE("a topology without problems says so") {
  const auto running = placement::topology.start(on_this_machine());
  CHECK(running.problems().empty());
}
