// fork() while a topology runs: the child has none of its threads, and nothing there waits for them.
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <placement/topology.hpp>
#include <single/topology.hpp>

#include "catch.hpp"
#include "support/child.hpp"
#include "support/contract_pools.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;
using namespace std::chrono_literals;

namespace {

// What `f` returns in a forked child: "" for success. A child that does not end is ended by a signal.
template <class F>
std::string in_child(F f) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    sigset_t alarms;  // which threads of pools block
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    pthread_sigmask(SIG_UNBLOCK, &alarms, nullptr);
    alarm(20);
    std::string complaint;
    try {
      complaint = f();
    } catch (const std::exception& error) {
      complaint = std::string("threw ") + error.what();
    }
    const auto written = write(ends[1], complaint.data(), complaint.size());
    _exit(written == static_cast<ssize_t>(complaint.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string complaint;
  std::array<char, 4096> bytes{};
  for (ssize_t count = 0; (count = read(ends[0], bytes.data(), bytes.size())) > 0;) {
    complaint.append(bytes.data(), static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) complaint += " ended by signal " + std::to_string(WTERMSIG(status));
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) complaint += " exit " + std::to_string(WEXITSTATUS(status));
  return complaint;
}

}  // namespace

TEMPLATE_TEST_CASE("in a forked child a pool refuses all work at once, and says why", "", PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  CHECK(in_child([&]() -> std::string {
          const std::string post = message_of<pinfold::pool_stopped>([&] { pool.post([] {}); });
          const std::string install = message_of<pinfold::pool_stopped>([&] { pool.install([] {}); });
          if (!contains(post, "this process was forked from the one that has its threads")) return post;
          if (post != install) return install;
          if (!pool.is_idle()) return "it is not idle";
          pool.wait_idle();
          const pinfold::pool_stats stats = pool.stats();
          return stats.accepted == stats.finished && stats.running == 0 ? "" : "counts are of the parent";
        }) == "");
  CHECK(pool.install([] { return 1; }) == 1);
}

TEST_CASE("in a forked child the running topology is none, and stops at once") {
  auto running = std::optional(contract::topology.start());
  held_gate gate;
  contract::native_pools::two.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  CHECK(in_child([&]() -> std::string {
          if (contract::topology.is_running()) return "it runs";
          if (!running->is_idle()) return "it is not idle";
          running->wait_idle();
          if (!running->verify().empty()) return "it has drift";
          std::ostringstream report;
          running->report(report);
          running->request_stop();
          if (!running->stop(1h).empty()) return "it has not stopped";
          running.reset();
          return "";
        }) == "");
  gate.open();
  CHECK(contract::topology.is_running());
  running->stop();
}

TEST_CASE("a child that a pool's thread has forked finds no running topology around it") {
  const auto running = contract::topology.start();
  CHECK(contract::native_pools::two.install([] {
    return in_child([]() -> std::string {
      const pinfold::topology_ref here = pinfold::this_topology();
      if (here.is_running()) return "it runs";
      return here.is_idle() ? "" : "it is not idle";
    });
  }) == "");
}

TEST_CASE("a topology that ran at a fork is not started in the child, another one is") {
  const auto running = contract::topology.start();
  CHECK(in_child([]() -> std::string {
          const std::string message = message_of<pinfold::start_error>([] { (void)contract::topology.start(); });
          return contains(message,
                          "PF224 topology 'contract': it ran when this process was forked; its threads are in "
                          "the parent, and cannot be had here\n        remedy: start it after the fork only")
                     ? ""
                     : message;
        }) == "");
#ifndef PINFOLD_TEST_SANITIZED  // a thread sanitizer lets no forked child start a thread
  CHECK(in_child([]() -> std::string {
          auto other = single::topology.start();
          return single::native_pools::alone.install([] { return 1; }) == 1 ? "" : "it does not work";
        }) == "");
#endif
}

TEST_CASE("a topology that did not run at a fork, though it had, is started in the child and in the parent") {
  single::topology.start().stop();
#ifndef PINFOLD_TEST_SANITIZED
  CHECK(in_child([]() -> std::string {
          auto other = single::topology.start();
          return single::native_pools::alone.install([] { return 1; }) == 1 ? "" : "it does not work";
        }) == "");
#endif
  const auto running = single::topology.start();
  CHECK(single::native_pools::alone.install([] { return 1; }) == 1);
}

TEST_CASE("in a forked child a managed thread's handle does not wait for it") {
  const auto running = contract::topology.start();
  held_gate gate;
  auto thread = std::optional(contract::native_pools::two.spawn_thread("parents", [&] {
    gate.wait();
    return 7;
  }));
  gate.wait_for_arrivals(1);
  CHECK(in_child([&]() -> std::string {
          thread.reset();
          return "";
        }) == "");
  CHECK(in_child([&]() -> std::string {
          return message_of<pinfold::pool_stopped>([&] { thread->join(); }) ==
                         "native.two accepts no work: this process was forked from the one that has its threads"
                     ? ""
                     : "it was joined";
        }) == "");
  gate.open();
  CHECK(thread->join() == 7);
}

TEST_CASE("in a child that a worker has forked a managed thread's handle does not wait either") {
  const auto running = contract::topology.start();
  held_gate gate;
  auto joined = contract::native_pools::two.spawn_thread("joined", [&] { gate.wait(); });
  auto dropped = std::optional(contract::native_pools::two.spawn_thread("dropped", [&] { gate.wait(); }));
  gate.wait_for_arrivals(2);
  CHECK(contract::native_pools::two.install([&] {
    return in_child([&]() -> std::string {
      dropped.reset();
      const std::string message = message_of<pinfold::pool_stopped>([&] { joined.join(); });
      return contains(message, "forked") ? "" : message;
    });
  }) == "");
  gate.open();
  joined.join();
}

TEST_CASE("a managed thread's function may return in a child that the thread has forked, whose pool has forgotten it") {
  // Looks at the pool when the function has ended.
  struct end_of_child {
    bool is_here = false;
    ~end_of_child() {
      if (!is_here) return;
      if (contract::native_pools::two.managed_threads() != 0) _exit(3);
#ifdef PINFOLD_TEST_SANITIZED  // a thread sanitizer itself fails at a thread's end in a forked child
      _exit(0);
#endif
    }
  };
  const auto running = contract::topology.start();
  pid_t child = -1;
  auto thread = contract::native_pools::two.spawn_thread("forks", [&] {
    thread_local end_of_child end;
    const pid_t forked = fork();
    end.is_here = forked == 0;
    if (forked != 0) child = forked;
  });
  thread.join();
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(contract::native_pools::two.managed_threads() == 0);
}

// The allocator of GCC 12's address sanitizer, unlike clang's, does not look after its locks in a fork: a child
// waits for ever for one that another thread held.
#ifdef __SANITIZE_ADDRESS__
TEST_CASE("no fork at any moment is tried in this build: its allocator may be locked in the child") { SUCCEED(); }
#else
TEST_CASE("a fork at any moment of starts, stops and work leaves a child that waits for nothing") {
  std::atomic<bool> over = false;
  std::vector<std::jthread> threads;
  threads.emplace_back([&] {
    while (!over) {
      auto running = contract::topology.start();
      std::this_thread::sleep_for(1ms);
      (void)running.stop(1h);
    }
  });
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!over) {
        try {
          contract::native_pools::two.post([] {});
          contract::asio_pools::two.install([] {});
        } catch (const pinfold::pool_stopped&) {
        }
      }
    });
  }
  std::string complaints;
  for (int i = 0; i < 100 && complaints.empty(); ++i) {
    complaints = in_child([&]() -> std::string {
      std::string refused = "refused";
      contract::topology.for_each([&](auto& pool) {
        try {
          pool.post([] {});
          refused = "a pool takes work";
        } catch (const pinfold::pool_stopped&) {
        }
      });
      return refused == "refused" && !contract::topology.is_running() ? "" : refused;
    });
  }
  over = true;
  threads.clear();
  CHECK(complaints == "");
}
#endif

#ifdef PINFOLD_TEST_SANITIZED
TEST_CASE("no start is tried in a child of a fork at any moment in this build: sanitizers do not survive it") {
  SUCCEED();
}
#else
TEST_CASE("a child of a fork at any moment of a start or stop starts the topology or is refused, and does not hang") {
  std::atomic<bool> over = false;
  std::vector<std::jthread> threads;
  threads.emplace_back([&] {
    while (!over) single::topology.start().stop();
  });
  threads.emplace_back([&] {
    while (!over) (void)single::topology.is_running();
  });
  std::string complaints;
  for (int i = 0; i < 300 && complaints.empty(); ++i) {
    complaints = in_child([]() -> std::string {
      try {
        auto running = single::topology.start();
        return single::native_pools::alone.install([] { return 1; }) == 1 ? "" : "it does not work";
      } catch (const pinfold::start_error& refused) {
        return contains(refused.what(), "PF224") ? "" : refused.what();
      }
    });
  }
  over = true;
  threads.clear();
  CHECK(complaints == "");
}
#endif

TEST_CASE("a child leaves the file of its parent's trace alone") {
  const auto running = single::topology.start();
  const std::filesystem::path path = std::filesystem::temp_directory_path() / ("forked_" + std::to_string(getpid()));
  auto trace = std::optional(running.trace(path));
  single::native_pools::alone.install([] {});
  CHECK(in_child([&]() -> std::string {
          trace->write();
          trace.reset();
          return std::filesystem::file_size(path) == 0 ? "" : "it has written";
        }) == "");
  CHECK(std::filesystem::file_size(path) == 0);
  trace.reset();
  CHECK(std::filesystem::file_size(path) != 0);
  std::filesystem::remove(path);
}

TEST_CASE("a child that drops the handle of a managed thread calls none of the thread's stop callbacks") {
  const auto running = contract::topology.start();
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  held_gate gate;
  auto thread = std::optional(contract::native_pools::two.spawn_thread("asked", [&](const std::stop_token& stop) {
    const std::stop_callback tell(stop, [&] { return write(ends[1], "!", 1); });
    gate.wait();
  }));
  gate.wait_for_arrivals(1);
  CHECK(in_child([&]() -> std::string {
          thread->request_stop();
          thread.reset();
          return "";
        }) == "");
  close(ends[1]);
  gate.open();
  thread->join();
  char told = 0;
  CHECK(read(ends[0], &told, 1) == 0);
  close(ends[0]);
}

TEST_CASE("what the forking thread was in may end in the child") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  std::string complaint = "none yet";
  pool.in_place_scope([&](auto&) {
    complaint = in_child([&]() -> std::string {
      try {
        pool.in_place_scope([](auto&) {});
      } catch (const pinfold::pool_stopped&) {
      }
      return pool.stats().running == 0 && pool.is_idle() ? "" : "the counts are of the parent";
    });
  });
  CHECK(complaint == "");
}

TEST_CASE("child: prints where it may run", "[.child]") {
  std::string cpus = "may run on";
  for (const int cpu : affinity_of_this_thread()) cpus += ' ' + std::to_string(cpu);
  puts(cpus.c_str());
}

TEST_CASE("a program that is run while the topology runs inherits the cores of who runs it") {
  const auto running = placement::topology.start(on_this_machine());
  const child_result child = run_case("child: prints where it may run");
  CHECK(child.exit_code == 0);
  CHECK(contains(child.output, "may run on " + std::to_string(cpu_of_core(0)) + "\n"));
  const auto from_a_pool = placement::native_pools::reversed.broadcast(
      [] { return in_child([]() -> std::string { return std::to_string(affinity_of_this_thread().front()); }); });
  CHECK(from_a_pool[0] == std::to_string(cpu_of_core(1)));
  CHECK(from_a_pool[1] == std::to_string(cpu_of_core(0)));
}
