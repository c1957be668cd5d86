// What a machine's limits mean for a topology: problems, and warnings.
#include <string>
#include <vector>

#include <bounded/topology.hpp>

#include "catch.hpp"
#include "machine_limits.hpp"
#include "support/fake_machine.hpp"
#include "support/messages.hpp"
#include "topology_run.hpp"

using namespace pinfold_test;
using namespace pinfold::detail;

namespace {

const std::string v2_mount = "41 31 0:38 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

std::vector<pinfold::problem> warnings_on(const fake_machine& machine) {
  topology_run run{pinfold::start_options()};
  plan_threads(run, bounded::tables::core.facts());
  std::vector<const thread_plan*> plans;
  for (const pool_thread& thread : run.threads) plans.push_back(&thread.plan);
  return slowing_limits(machine_files(machine.root()), plans, std::vector<int>{0});
}

std::vector<pinfold::problem> problems_on(const fake_machine& machine, const process_limits& process,
                                          std::uint64_t needed) {
  std::vector<pinfold::problem> problems;
  check_thread_room(machine_files(machine.root()), process, needed, problems);
  return problems;
}

}  // namespace

TEST_CASE("a machine of which nothing is known has no limits") {
  const fake_machine machine{};
  CHECK(warnings_on(machine).empty());
  CHECK(problems_on(machine, {.threads = 1'000, .user = 7}, 500).empty());
}

TEST_CASE("a quota below the CPUs that the pools can use at once is warned of") {
  const fake_machine machine{
      {"proc/self/mountinfo", v2_mount},
      {"proc/self/cgroup", "0::/app\n"},
      {"sys/fs/cgroup/app/cpu.max", "250000 100000\n"},
  };
  const auto warnings = warnings_on(machine);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].id == "PF219");
  CHECK(warnings[0].where == "process");
  // Two threads of `crowd` at once, and `market` has no part in it.
  CHECK(warnings[0].what ==
        "the pools can use 8 CPUs at once (1-8); cpu.max of cgroup /app gives the time of 2.5: when it is used up, all "
        "threads stop for the rest of its 100 ms");
  machine.write("sys/fs/cgroup/app/cpu.max", "800000 100000\n");
  CHECK(warnings_on(machine).empty());
}

TEST_CASE("busy realtime threads that the kernel throttles are warned of") {
  const fake_machine machine{
      {"proc/sys/kernel/osrelease", "6.1.0-28-amd64\n"},
      {"proc/sys/kernel/sched_rt_runtime_us", "950000\n"},
      {"proc/sys/kernel/sched_rt_period_us", "1000000\n"},
  };
  const auto warnings = warnings_on(machine);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].id == "PF220");
  CHECK(warnings[0].where == "native.market");
  CHECK(warnings[0].what ==
        "the kernel stops SCHED_FIFO threads that never sleep for 50 ms of every 1000 ms (kernel.sched_rt_runtime_us)");
  CHECK(warnings[0].remedy ==
        "sudo sysctl kernel.sched_rt_runtime_us=-1, if nothing else needs these cores; or edit [native.market] idle "
        "(topologies/bounded.toml:17)");
}

TEST_CASE("busy realtime threads on CPUs with a fair server are warned of") {
  const fake_machine machine{
      {"proc/sys/kernel/osrelease", "6.18.0\n"},
      {"proc/sys/kernel/sched_rt_runtime_us", "950000\n"},
      {"proc/sys/kernel/sched_rt_period_us", "1000000\n"},
      {"sys/kernel/debug/sched/fair_server/cpu1/runtime", "50000000\n"},
      {"sys/kernel/debug/sched/fair_server/cpu1/period", "1000000000\n"},
  };
  CHECK(warnings_on(machine).empty());
  machine.write("sys/kernel/debug/sched/fair_server/cpu10/runtime", "50000000\n");
  machine.write("sys/kernel/debug/sched/fair_server/cpu10/period", "1000000000\n");
  const auto warnings = warnings_on(machine);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].id == "PF220");
  CHECK(contains(warnings[0].what, " on core 10 for 50 ms of every 1000 ms while other threads wait there"));
}

TEST_CASE("a limit of realtime threads' time is warned of, once") {
  const fake_machine machine{{"proc/self/limits",
                              "Limit                     Soft Limit           Hard Limit           Units\n"
                              "Max realtime priority     0                    0\n"
                              "Max realtime timeout      200000               unlimited            us\n"}};
  const auto warnings = warnings_on(machine);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].id == "PF225");
  CHECK(contains(warnings[0].what, " has run for 200 ms without sleeping"));
  machine.write("proc/self/limits", "Max realtime timeout      unlimited            unlimited            us\n");
  CHECK(warnings_on(machine).empty());
}

TEST_CASE("threads that share isolated CPUs are warned of") {
  const fake_machine machine{{"sys/devices/system/cpu/isolated", "1-4,7-10\n"}};
  const auto warnings = warnings_on(machine);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].id == "PF221");
  CHECK(warnings[0].where == "native.crowd");
  CHECK(
      warnings[0].what ==
      "2 threads share cores 5-8, of which 7-8 are isolated: the kernel does not balance there, and threads stay where "
      "they wake");

  machine.write("sys/devices/system/cpu/isolated", "\n");
  machine.write("proc/self/mountinfo", v2_mount);
  machine.write("proc/self/cgroup", "0::/app\n");
  CHECK(warnings_on(machine).empty());
  machine.write("sys/fs/cgroup/app/cpuset.cpus.partition", "isolated\n");
  REQUIRE(warnings_on(machine).size() == 1);
  CHECK(contains(warnings_on(machine)[0].what, "of which 5-8 are isolated"));
}

TEST_CASE("several threads on a nohz_full CPU are warned of once for the pools that meet there") {
  const fake_machine machine{{"sys/devices/system/cpu/nohz_full", "2-10\n"}};
  auto warnings = warnings_on(machine);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].id == "PF222");
  CHECK(warnings[0].where == "native.workers");
  CHECK(contains(warnings[0].what, "core 2 is nohz_full and has several threads, of native.workers and asio.files: "));

  machine.write("sys/devices/system/cpu/nohz_full", "1-10\n");
  warnings = warnings_on(machine);
  REQUIRE(warnings.size() == 1);
  CHECK(contains(warnings[0].what, "cores 1-2 are each nohz_full and have several threads"));
  machine.write("sys/devices/system/cpu/nohz_full", "  (null)\n");
  CHECK(warnings_on(machine).empty());
}

TEST_CASE("every limit that leaves too few threads is a problem") {
  const fake_machine machine{
      {"proc/self/mountinfo", v2_mount},
      {"proc/self/cgroup", "0::/app\n"},
      {"sys/fs/cgroup/app/pids.max", "10\n"},
      {"sys/fs/cgroup/app/pids.current", "3\n"},
      {"proc/loadavg", "0 0 0 1/990 4711\n"},
      {"proc/sys/kernel/threads-max", "1000\n"},
      {"proc/12/status", "Uid:\t7\t7\t7\t7\nThreads:\t95\n"},
  };
  CHECK(problems_on(machine, {.threads = 100, .user = 7}, 5).empty());
  const auto problems = problems_on(machine, {.threads = 100, .user = 7}, 12);
  REQUIRE(problems.size() == 3);
  for (const pinfold::problem& each : problems) {
    CHECK(each.id == "PF218");
    CHECK(each.where == "process");
  }
  CHECK(problems[0].what == "needs 12 threads; pids.max of cgroup /app leaves 7 (3 of 10 are taken)");
  CHECK(problems[1].what == "needs 12 threads; kernel.threads-max leaves 10 (990 of 1000 are taken)");
  CHECK(problems[1].remedy == "sudo sysctl kernel.threads-max=1002, or lower the pools' threads");
  CHECK(problems[2].what == "needs 12 threads; RLIMIT_NPROC leaves 5 (95 of 100 are taken)");
  CHECK(problems[2].remedy == "raise it to 107 (ulimit -u, LimitNPROC=), or lower the pools' threads");

  CHECK(problems_on(machine, {.threads = {}, .user = 7}, 12).size() == 2);
}
