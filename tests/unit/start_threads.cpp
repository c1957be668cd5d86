// The threads of a running topology as the kernel shows them: names, affinity, policy.
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <linux/capability.h>
#include <placement/topology.hpp>
#include <policies/topology.hpp>
#include <realtime/topology.hpp>
#include <shared_set/topology.hpp>
#include <spare_core/topology.hpp>

#include "catch.hpp"
#include "support/eventually.hpp"
#include "support/lost_rights.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

namespace {

thread_facts facts_of(const std::string& name) {
  const auto thread = thread_named(name);
  INFO("thread " << name);
  REQUIRE(thread.has_value());
  return *thread;
}

bool process_may_run_realtime() {
  bool may = false;
  std::thread([&] {
    const sched_param parameters{.sched_priority = 10};
    may = sched_setscheduler(0, SCHED_FIFO, &parameters) == 0;
  }).join();
  return may;
}

// Pages of the calling thread's stack between this frame and 32 KiB above its far end that are in memory, and all.
std::pair<std::size_t, std::size_t> resident_stack_pages() {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  pthread_attr_t attributes;
  pthread_getattr_np(pthread_self(), &attributes);
  void* lowest = nullptr;
  std::size_t size = 0;
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  const auto first = (reinterpret_cast<std::uintptr_t>(lowest) + 32 * 1024) / page * page;
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) / page * page;
  std::vector<unsigned char> resident((here - first) / page);
  mincore(reinterpret_cast<void*>(first), here - first, resident.data());
  const auto count =
      std::count_if(resident.begin(), resident.end(), [](unsigned char bits) { return (bits & 1) != 0; });
  return {static_cast<std::size_t>(count), resident.size()};
}

}  // namespace

TEST_CASE("threads exist by their names while the topology runs and are gone after it") {
  const std::vector<std::string> names{"robin-0", "robin-1", "crowd-0",  "crowd-1",      "free-0",
                                       "free-b0", "batch-0", "polite-0", "background-0", "prefaulted-0"};
  {
    const auto sets = shared_set::topology.start(on_this_machine());
    const auto policies = policies::topology.start(on_this_machine());
    for (const std::string& name : names) {
      if (!name.starts_with("robin")) CHECK(thread_named(name).has_value());
    }
  }
  for (const std::string& name : names) CHECK(eventually([&] { return count_threads_named_like(name) == 0; }));
}

TEST_CASE("threads are created in declared order") {
  const auto running = policies::topology.start(on_this_machine());
  std::vector<int> ids;
  policies::topology.for_each([&](auto& pool) {
    for (std::size_t i = 0; i < pool.size(); ++i) {
      ids.push_back(facts_of(std::string(pool.spec.thread_name) + '-' + std::to_string(i)).id);
    }
  });
  CHECK(ids.size() == 6);
  CHECK(std::is_sorted(ids.begin(), ids.end()));
}

TEST_CASE("pin thread puts thread i on the i-th core as written") {
  cpus_of_cores({0, 1});
  const auto running = placement::topology.start(on_this_machine());
  CHECK(facts_of("reversed-0").cpus == cpus_of_cores({1}));
  CHECK(facts_of("reversed-1").cpus == cpus_of_cores({0}));
}

TEST_CASE("pin set gives every thread the whole set, managed ones too") {
  cpus_of_cores({0, 1});
  const auto running = shared_set::topology.start(on_this_machine());
  CHECK(facts_of("crowd-0").cpus == cpus_of_cores({0, 1}));
  CHECK(facts_of("crowd-1").cpus == cpus_of_cores({0, 1}));
  auto managed = shared_set::native_pools::crowd.spawn_thread("managed", affinity_of_this_thread);
  CHECK(managed.join() == cpus_of_cores({0, 1}));
}

TEST_CASE("pools without cores stay where the process is") {
  const auto all = usable_cpus();
  const auto running = shared_set::topology.start(on_this_machine());
  CHECK(facts_of("free-0").cpus == all);
  CHECK(facts_of("free-b0").cpus == all);
}

TEST_CASE("blocking threads run on the cores that the workers leave") {
  cpus_of_cores({0, 1});
  const auto running = spare_core::topology.start(on_this_machine());
  CHECK(facts_of("files-0").cpus == cpus_of_cores({0}));
  CHECK(facts_of("files-b0").cpus == cpus_of_cores({1}));
  CHECK(facts_of("files-b1").cpus == cpus_of_cores({1}));
}

TEST_CASE("policies and nice values are set") {
  const auto running = policies::topology.start(on_this_machine());
  CHECK(facts_of("batch-0").policy == SCHED_BATCH);
  CHECK(facts_of("batch-0").nice == 5);
  CHECK(facts_of("background-0").policy == SCHED_IDLE);
  for (const char* name : {"polite-0", "polite-1"}) {
    CHECK(facts_of(name).policy == SCHED_OTHER);
    CHECK(facts_of(name).nice == 7);
  }
  CHECK(facts_of("plain-0").policy == SCHED_OTHER);
  CHECK(facts_of("plain-0").nice == getpriority(PRIO_PROCESS, 0));  // this thread's: it keeps what it inherits
  CHECK(sched_getscheduler(0) == SCHED_OTHER);
}

TEST_CASE("realtime policies are set where the process may and refused where it may not") {
  if (process_may_run_realtime()) {
    SECTION("here it may") {
      const auto running = realtime::topology.start();
      CHECK(facts_of("fifo-0").policy == SCHED_FIFO);
      CHECK(facts_of("fifo-0").priority == 10);
      for (const char* name : {"robin-0", "robin-1"}) {
        CHECK(facts_of(name).policy == SCHED_RR);
        CHECK(facts_of(name).priority == 5);
      }
      CHECK(realtime::native_pools::fifo.install([] { return 1; }) == 1);
    }
  } else {
    SECTION("here it may not") { CHECK_THROWS_AS(realtime::topology.start(), pinfold::start_error); }
  }
}

TEST_CASE("a process without the right to realtime is told for each pool how to get it") {
  const without_capability nice(CAP_SYS_NICE);
  const lowered_limit priority(RLIMIT_RTPRIO, 0);
  const std::string message = message_of<pinfold::start_error>([] { (void)realtime::topology.start(); });

  CHECK(contains(message, "pinfold: cannot start topology 'realtime': 2 problems"));
  CHECK(contains(message,
                 "PF205 native.fifo: SCHED_FIFO 10 refused: Operation not permitted\n        remedy: sudo setcap "
                 "cap_sys_nice+ep ./unit_start, or raise RLIMIT_RTPRIO to 10"));
  CHECK(contains(message, "PF205 asio.round_robin: SCHED_RR 5 refused: Operation not permitted"));
}

TEST_CASE("prefault_stack brings the whole stack into memory") {
  const auto running = policies::topology.start(on_this_machine());
  const auto [resident, all] = policies::asio_pools::prefaulted.install(resident_stack_pages);
  CHECK(all > 64);
  CHECK(resident == all);
  const auto [resident_elsewhere, all_elsewhere] = policies::native_pools::plain.install(resident_stack_pages);
  CHECK(resident_elsewhere < all_elsewhere);
}
