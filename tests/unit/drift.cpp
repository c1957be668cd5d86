// What a running topology says of threads that are no longer as its start left them.
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <latch>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <drift/topology.hpp>

#include "catch.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

void move(int thread, const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(cpu, &set);
  REQUIRE(sched_setaffinity(thread, sizeof set, &set) == 0);
}

int id_of(const std::string& name) {
  const auto thread = thread_named(name);
  REQUIRE(thread);
  return thread->id;
}

pinfold::problem only_drift(const pinfold::running_topology& running) {
  std::vector<pinfold::problem> found = running.verify();
  REQUIRE(found.size() == 1);
  CHECK(found.front().id == "PF217");
  return std::move(found.front());
}

std::string cpu_text(int core) { return std::to_string(cpu_of_core(core)); }

}  // namespace

TEST_CASE("a topology that nobody touches has no drift, managed threads and main among it") {
  cpus_of_cores({0, 1});
  const auto running = drift::topology.start(on_this_machine());
  auto managed = drift::native_pools::batch.spawn_thread("poller", [&] { return running.verify().size(); });
  CHECK(managed.join() == 0);
  CHECK(running.verify().empty());
}

TEST_CASE("a thread that was moved is named, with where it is, where it was and the way back") {
  cpus_of_cores({0, 1});
  const auto running = drift::topology.start(on_this_machine());
  const int thread = id_of("net-1");
  move(thread, cpus_of_cores({0, 1}));
  if (cpu_of_core(0) == cpu_of_core(1)) {
    CHECK(running.verify().empty());  // there is but one CPU
    return;
  }
  const pinfold::problem drift = only_drift(running);
  CHECK(drift.where == "asio.net thread 1");
  CHECK(contains(drift.what, "; the start set " + cpu_text(1)));
  CHECK(contains(drift.remedy, "taskset -pc " + cpu_text(1) + ' ' + std::to_string(thread)));

  move(thread, {cpu_of_core(1)});
  CHECK(running.verify().empty());
}

TEST_CASE("another policy, another nice value and another name are drift") {
  cpus_of_cores({0, 1});
  const auto running = drift::topology.start(on_this_machine());
  const int thread = id_of("batch-0");

  SECTION("policy") {
    const sched_param none{};
    REQUIRE(sched_setscheduler(thread, SCHED_IDLE, &none) == 0);
    const pinfold::problem drift = only_drift(running);
    CHECK(drift.where == "native.batch thread 0");
    CHECK(drift.what == "policy is SCHED_IDLE nice 5; the start set SCHED_BATCH nice 5");
  }
  SECTION("nice") {
    REQUIRE(setpriority(PRIO_PROCESS, static_cast<id_t>(thread), 9) == 0);
    CHECK(only_drift(running).what == "policy is SCHED_BATCH nice 9; the start set SCHED_BATCH nice 5");
  }
  SECTION("name") {
    drift::native_pools::batch.install([] { pthread_setname_np(pthread_self(), "renamed"); });
    CHECK(only_drift(running).what == "name is 'renamed'; the start set 'batch-0'");
  }
}

TEST_CASE("a managed thread that was moved is named by its name") {
  cpus_of_cores({0, 1});
  const auto running = drift::topology.start(on_this_machine());
  const sched_param none{};
  std::latch done(1);
  auto managed = drift::native_pools::batch.spawn_thread("poller", [&] { done.wait(); });
  const bool moved = sched_setscheduler(id_of("poller"), SCHED_OTHER, &none) == 0;
  const std::vector<pinfold::problem> found = running.verify();
  done.count_down();
  managed.join();
  REQUIRE(moved);
  REQUIRE(found.size() == 1);
  CHECK(found.front().where == "native.batch managed thread 'poller'");
  CHECK(running.verify().empty());
}

TEST_CASE("a thread that a pool's thread starts inherits its core, which is drift where [process] cores are declared") {
  cpus_of_cores({0, 1});
  const auto running = drift::topology.start(on_this_machine());
  std::latch done(1);
  std::thread heir;
  drift::asio_pools::net.broadcast([&] {
    if (drift::asio_pools::net.this_thread_index() == 1) heir = std::thread([&] { done.wait(); });
  });
  const std::vector<pinfold::problem> drift = running.verify();
  done.count_down();
  heir.join();
  if (cpu_of_core(0) == cpu_of_core(1)) {
    CHECK(drift.empty());  // there is but one CPU, the right one
    return;
  }
  REQUIRE(drift.size() == 1);
  CHECK(contains(drift.front().where, "process thread "));
  CHECK(
      contains(drift.front().what, "affinity is " + cpu_text(1) + "; it is no pool's, and declared is " + cpu_text(0)));
  CHECK(contains(drift.front().remedy, "[process] cores (topologies/drift.toml:6)"));
}

TEST_CASE("a topology that has stopped has no drift") {
  cpus_of_cores({0, 1});
  auto running = drift::topology.start(on_this_machine());
  running.stop();
  CHECK(running.verify().empty());
  const auto other = drift::topology.start(on_this_machine());
  CHECK(running.verify().empty());
  const auto taken = std::move(running);
  CHECK(running.verify().empty());  // NOLINT(bugprone-use-after-move): moved-from objects say so
}
