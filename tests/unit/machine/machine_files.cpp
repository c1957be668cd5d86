// What is read of the machine, from trees of files that look like one.
#include <string>
#include <vector>

#include "catch.hpp"
#include "cpu_list.hpp"
#include "machine_files.hpp"
#include "support/fake_machine.hpp"

using namespace pinfold_test;
using pinfold::detail::machine_files;

namespace {

const std::string v2_mount = "41 31 0:38 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

std::string v1_mount(const std::string& controllers, const std::string& top = "/") {
  return "32 31 0:29 " + top + " /sys/fs/cgroup/" + controllers + " rw,relatime - cgroup cgroup rw," + controllers +
         "\n";
}

}  // namespace

TEST_CASE("of the CPU quotas on the way up a cgroup v2 tree the tightest counts") {
  const fake_machine machine{
      {"proc/self/mountinfo", "24 1 0:22 / /proc rw - proc proc rw\n" + v2_mount},
      {"proc/self/cgroup", "0::/pods/one/app\n"},
      {"sys/fs/cgroup/pods/one/app/cpu.max", "max 100000\n"},
      {"sys/fs/cgroup/pods/one/cpu.max", "150000 50000\n"},
      {"sys/fs/cgroup/pods/cpu.max", "400000 100000\n"},
  };
  const auto quota = machine_files(machine.root()).tightest_quota();
  REQUIRE(quota);
  CHECK(quota->name == "cpu.max of cgroup /pods/one");
  CHECK(quota->share.runtime_us == 150000);
  CHECK(quota->share.period_us == 50000);
}

TEST_CASE("a CPU quota of cgroup v1 is found, in a container that has its part of the tree mounted too") {
  const fake_machine machine{
      {"proc/self/mountinfo", v1_mount("pids") + v1_mount("cpu,cpuacct", "/docker/12ab")},
      {"proc/self/cgroup", "3:pids:/docker/12ab\n2:cpu,cpuacct:/docker/12ab\n1:name=systemd:/\n"},
      {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n"},
      {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"},
  };
  const auto quota = machine_files(machine.root()).tightest_quota();
  REQUIRE(quota);
  CHECK(quota->name == "cpu.cfs_quota_us of cgroup /docker/12ab");
  CHECK(quota->share.runtime_us == 50000);
}

TEST_CASE("where controllers are in cgroup v1 and v2 both are read") {
  const fake_machine machine{
      {"proc/self/mountinfo",
       v1_mount("cpu") + "41 31 0:38 / /sys/fs/cgroup/of\\040v2 rw,relatime - cgroup2 cgroup2 rw\n"},
      {"proc/self/cgroup", "1:cpu:/old\n0::/new\n"},
      {"sys/fs/cgroup/cpu/old/cpu.cfs_quota_us", "-1\n"},
      {"sys/fs/cgroup/cpu/old/cpu.cfs_period_us", "100000\n"},
      {"sys/fs/cgroup/of v2/new/cpu.max", "300000 100000\n"},
      {"sys/fs/cgroup/of v2/new/pids.max", "max\n"},
      {"sys/fs/cgroup/of v2/new/pids.current", "12\n"},
  };
  const machine_files files(machine.root());
  REQUIRE(files.tightest_quota());
  CHECK(files.tightest_quota()->name == "cpu.max of cgroup /new");
  CHECK(files.thread_caps_below(1'000'000).empty());
}

TEST_CASE("thread limits that leave fewer than wanted are named, at each level of the pids cgroups") {
  const fake_machine machine{
      {"proc/self/mountinfo", v2_mount},
      {"proc/self/cgroup", "0::/app.slice/app\n"},
      {"sys/fs/cgroup/app.slice/app/pids.max", "100\n"},
      {"sys/fs/cgroup/app.slice/app/pids.current", "90\n"},
      {"sys/fs/cgroup/app.slice/pids.max", "500\n"},
      {"sys/fs/cgroup/app.slice/pids.current", "480\n"},
      {"proc/loadavg", "0.10 0.20 0.30 2/970 4711\n"},
      {"proc/sys/kernel/threads-max", "1000\n"},
      {"proc/sys/kernel/pid_max", "1024\n"},
      {"proc/1/status", "Name:\tinit\nUid:\t0\t0\t0\t0\nThreads:\t1\n"},
      {"proc/20/status", "Name:\tserver\nUid:\t1000\t0\t0\t0\nThreads:\t900\n"},
      {"proc/21/status", "Name:\tother\nUid:\t1000\t1000\t1000\t1000\nThreads:\t20\n"},
  };
  const machine_files files(machine.root());
  CHECK(files.thread_caps_below(10).empty());

  const auto few = files.thread_caps_below(25);
  REQUIRE(few.size() == 2);
  CHECK(few[0].name == "pids.max of cgroup /app.slice/app");
  CHECK(few[0].most == 100);
  CHECK(few[0].used == 90);
  CHECK(few[1].name == "pids.max of cgroup /app.slice");

  const auto all = files.thread_caps_below(104);
  REQUIRE(all.size() == 4);
  CHECK(all[2].name == "kernel.threads-max");
  CHECK(all[2].used == 970);
  CHECK(all[3].name == "kernel.pid_max");
  CHECK(all[3].used == 921);

  CHECK(files.threads_of(1000) == 920);
  CHECK(files.threads_of(7) == 0);
}

TEST_CASE("a process is in an isolated partition by the nearest cgroup that is one") {
  const fake_machine machine{
      {"proc/self/mountinfo", v2_mount},
      {"proc/self/cgroup", "0::/host/md/worker\n"},
      {"sys/fs/cgroup/host/cpuset.cpus.partition", "root\n"},
      {"sys/fs/cgroup/host/md/cpuset.cpus.partition", "isolated\n"},
      {"sys/fs/cgroup/host/md/worker/cpuset.cpus.partition", "member\n"},
  };
  const machine_files files(machine.root());
  CHECK(files.is_in_isolated_partition());
  machine.write("sys/fs/cgroup/host/md/cpuset.cpus.partition", "root\n");
  CHECK_FALSE(files.is_in_isolated_partition());
  machine.write("sys/fs/cgroup/host/md/cpuset.cpus.partition", "isolated invalid (Cpu list is not exclusive)\n");
  CHECK_FALSE(files.is_in_isolated_partition());
}

TEST_CASE("realtime threads are throttled by kernels before 6.12, and by the fair server of later ones") {
  const fake_machine machine{
      {"proc/sys/kernel/sched_rt_runtime_us", "950000\n"},
      {"proc/sys/kernel/sched_rt_period_us", "1000000\n"},
      {"sys/kernel/debug/sched/fair_server/cpu3/runtime", "50000000\n"},
      {"sys/kernel/debug/sched/fair_server/cpu3/period", "1000000000\n"},
      {"sys/kernel/debug/sched/fair_server/cpu4/runtime", "0\n"},
      {"sys/kernel/debug/sched/fair_server/cpu4/period", "1000000000\n"},
  };
  const machine_files files(machine.root());
  struct release {
    const char* name;
    bool throttles;
  };
  for (const auto& [name, throttles] :
       {release{"6.1.0-28-amd64", true}, release{"5.15.0", true}, release{"6.11", true}, release{"6.12.0", false},
        release{"6.18.44-fc", false}, release{"7.0-rc1", false}, release{"", false}, release{"six", false},
        release{"6.x", false}}) {
    CAPTURE(name);
    machine.write("proc/sys/kernel/osrelease", std::string(name) + '\n');
    CHECK(files.realtime_throttle().has_value() == throttles);
  }
  machine.write("proc/sys/kernel/osrelease", "6.1.0\n");
  for (const char* off : {"-1", "1000000", "much", ""}) {
    machine.write("proc/sys/kernel/sched_rt_runtime_us", off);
    CHECK_FALSE(files.realtime_throttle());
  }
  REQUIRE(files.fair_server(3));
  CHECK(files.fair_server(3)->runtime_us == 50000);
  CHECK_FALSE(files.fair_server(4));
  CHECK_FALSE(files.fair_server(5));
}

TEST_CASE("what is missing is unknown, and no limit") {
  const fake_machine machine{};
  const machine_files files(machine.root());
  CHECK_FALSE(files.tightest_quota());
  CHECK(files.thread_caps_below(1'000'000'000).empty());
  CHECK(files.threads_of(0) == 0);
  CHECK(files.isolated().empty());
  CHECK(files.nohz_full().empty());
  CHECK_FALSE(files.is_in_isolated_partition());
  CHECK_FALSE(files.realtime_throttle());
  CHECK_FALSE(files.fair_server(0));
}

TEST_CASE("what is malformed is unknown, and no limit") {
  const std::string binary("\0\xff\n \t::::\n/\\", 12);
  for (const std::string& noise :
       {std::string(), std::string("\n"), std::string("x"), std::string("-"), std::string("18446744073709551616 0"),
        std::string("-5 100000"), std::string("100000"), std::string("100000 0"), std::string("1e3 1e3"), binary}) {
    CAPTURE(noise);
    const fake_machine machine{
        {"proc/self/mountinfo", v2_mount + v1_mount("cpu") + noise},
        {"proc/self/cgroup", "0::/app\n1:cpu:/app\n" + noise},
        {"proc/loadavg", noise},
        {"proc/sys/kernel/osrelease", noise},
        {"proc/sys/kernel/threads-max", noise},
        {"proc/sys/kernel/pid_max", noise},
        {"proc/12/status", noise},
        {"sys/fs/cgroup/app/cpu.max", noise},
        {"sys/fs/cgroup/app/pids.max", noise + "x"},
        {"sys/fs/cgroup/app/pids.current", noise},
        {"sys/fs/cgroup/app/cpuset.cpus.partition", noise},
        {"sys/fs/cgroup/cpu/app/cpu.cfs_quota_us", noise},
        {"sys/fs/cgroup/cpu/app/cpu.cfs_period_us", noise + "x"},
        {"sys/devices/system/cpu/isolated", noise == "100000" ? "" : "x" + noise},
    };
    const machine_files files(machine.root());
    CHECK_FALSE(files.tightest_quota());
    CHECK(files.thread_caps_below(10).empty());
    CHECK(files.isolated().empty());
    CHECK_FALSE(files.is_in_isolated_partition());
    CHECK_FALSE(files.realtime_throttle());
  }
  for (const char* mount :
       {"1 2 3\n", "- cgroup2 x rw\n", "41 31 0:38 / /sys/fs/cgroup rw - cgroup2\n",
        "41 31 0:38 /elsewhere /sys/fs/cgroup rw - cgroup2 x rw\n", "41 31 0:38 / \\9\\99\\999 rw - cgroup2 x rw\n"}) {
    CAPTURE(mount);
    const fake_machine machine{{"proc/self/mountinfo", mount},
                               {"proc/self/cgroup", "0::/app\n"},
                               {"sys/fs/cgroup/app/cpu.max", "1000 100000\n"}};
    CHECK_FALSE(machine_files(machine.root()).tightest_quota());
  }
}

TEST_CASE("a cgroup outside of the process's namespace is not looked for") {
  const fake_machine machine{
      {"proc/self/mountinfo", v2_mount},
      {"proc/self/cgroup", "0::/../other\n"},
      {"sys/fs/other/cpu.max", "1000 100000\n"},
      {"sys/fs/cgroup/cpu.max", "1000 100000\n"},
  };
  CHECK_FALSE(machine_files(machine.root()).tightest_quota());
}

TEST_CASE("lists of CPUs are read as far as they make sense, beyond 1024 too") {
  using list = std::vector<int>;
  using pinfold::detail::parse_cpu_list;
  CHECK(parse_cpu_list("0-3,8\n") == list{0, 1, 2, 3, 8});
  CHECK(parse_cpu_list("1023-1025,2000\n") == list{1023, 1024, 1025, 2000});
  CHECK(parse_cpu_list("0-2047\n").size() == 2048);
  for (const char* nothing : {"", "\n", "(null)\n", "-1", "x", "0-", "99999999999", "0-99999999999", "65536"}) {
    CAPTURE(nothing);
    CHECK(parse_cpu_list(nothing).empty());
  }
  CHECK(parse_cpu_list("3-1,5") == list{5});
  CHECK(parse_cpu_list("1,,2") == list{1});
  CHECK(pinfold::detail::format_cpus(parse_cpu_list("1023-1025,2000")) == "1023-1025,2000");
}

TEST_CASE("this machine can be read") {
  const machine_files files;
  CHECK(files.threads_of_the_machine() > 0);
  CHECK(files.thread_caps_below(0).empty());
  (void)files.tightest_quota();
  (void)files.is_in_isolated_partition();
  (void)files.realtime_throttle();
}
