// What [process] asks for: applied while the topology runs, taken back after it.
#include <sched.h>
#include <sys/prctl.h>
#include <thread>
#include <vector>

#include <placement/topology.hpp>

#include "catch.hpp"
#include "support/held_gate.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

std::vector<int> affinity_of_a_new_thread() {
  std::vector<int> cpus;
  std::thread([&] { cpus = affinity_of_this_thread(); }).join();
  return cpus;
}

}  // namespace

TEST_CASE("main and every std::thread run on the process's cores while the topology runs") {
  const auto before = usable_cpus();
  {
    const auto running = placement::topology.start(on_this_machine());
    CHECK(affinity_of_this_thread() == cpus_of_cores({0}));
    CHECK(affinity_of_a_new_thread() == cpus_of_cores({0}));
  }
  CHECK(affinity_of_this_thread() == before);
  CHECK(affinity_of_a_new_thread() == before);
}

TEST_CASE("threads that ran before are moved, and get their own mask back") {
  cpus_of_cores({0, 1});
  held_gate looked;
  held_gate stopped;
  held_gate born;
  std::vector<int> during;
  std::vector<int> after;
  std::thread older([&] {
    cpu_set_t own;
    CPU_ZERO(&own);
    CPU_SET(cpu_of_core(1), &own);
    sched_setaffinity(0, sizeof own, &own);
    born.wait();
    looked.wait();
    during = affinity_of_this_thread();
    stopped.wait();
    after = affinity_of_this_thread();
  });
  born.open();
  born.wait_for_arrivals(1);
  auto running = placement::topology.start(on_this_machine());
  looked.open();
  stopped.wait_for_arrivals(1);
  running.stop();
  stopped.open();
  older.join();

  CHECK(during == cpus_of_cores({0}));
  CHECK(after == cpus_of_cores({1}));
}

TEST_CASE("a thread that was born while the topology ran is free after it") {
  const auto before = usable_cpus();
  held_gate stopped;
  std::vector<int> after;
  auto running = placement::topology.start(on_this_machine());
  std::thread younger([&] {
    stopped.wait();
    after = affinity_of_this_thread();
  });
  running.stop();
  stopped.open();
  younger.join();
  CHECK(after == before);
}

TEST_CASE("the pools' threads have the declared timer slack and others their own") {
  const int before = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
  const auto running = placement::topology.start(on_this_machine());
  for (const int slack :
       placement::native_pools::reversed.broadcast([] { return prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0); })) {
    CHECK(slack == 123'000);
  }
  CHECK(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0) == before);
}
