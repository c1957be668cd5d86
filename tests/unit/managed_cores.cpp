// Where managed threads run: the lease of a core, names, policies.
#include <sched.h>
#include <algorithm>
#include <optional>
#include <vector>

#include <crew/topology.hpp>

#include "catch.hpp"
#include "support/held_gate.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;
using namespace crew::native_pools;

TEST_CASE("threads get different cores while there are enough, then share the least used") {
  const auto running = crew::topology.start(on_this_machine());
  held_gate gate;
  const auto hold = [&] {
    gate.wait();
    return affinity_of_this_thread();
  };
  auto first = pinned.spawn_thread("first", hold);
  auto second = pinned.spawn_thread("second", hold);
  auto third = pinned.spawn_thread("third", hold);
  gate.open();

  const auto on_first = first.join();
  const auto on_second = second.join();
  const auto on_third = third.join();
  CHECK(on_first == cpus_of_cores({1}));  // the last core first: workers are pinned from the other end
  CHECK(on_second == cpus_of_cores({0}));
  CHECK((on_third == cpus_of_cores({0}) || on_third == cpus_of_cores({1})));
}

TEST_CASE("a core is leased again when its thread has ended") {
  const auto running = crew::topology.start(on_this_machine());
  held_gate gate;
  auto keeps = pinned.spawn_thread("keeps", [&] { gate.wait(); });
  for (int i = 0; i < 5; ++i) {
    CHECK(pinned.spawn_thread("next", [] { return affinity_of_this_thread(); }).join() == cpus_of_cores({0}));
  }
  gate.open();
  keeps.join();
  CHECK(pinned.spawn_thread("last", [] { return affinity_of_this_thread(); }).join() == cpus_of_cores({1}));
}

TEST_CASE("a thread of a pool without cores does not inherit its creator's core") {
  const auto& all = usable_cpus();
  const auto running = crew::topology.start(on_this_machine());
  auto creator = pinned.spawn_thread(
      "creator", [] { return mixed.spawn_thread("free", [] { return affinity_of_this_thread(); }).join(); });
  CHECK(creator.join() == all);
}

TEST_CASE("a managed thread has its own name and the pool's policy") {
  const auto running = crew::topology.start(on_this_machine());
  const auto facts = [](const char* name) {
    return mixed.spawn_thread(name, [name] { return thread_named(name); }).join();
  };
  const std::optional<thread_facts> batch = facts("with policy");
  REQUIRE(batch.has_value());
  CHECK(batch->policy == SCHED_BATCH);
}

TEST_CASE("a pool of managed threads only has no workers") {
  const auto running = crew::topology.start(on_this_machine());
  static_assert(std::remove_reference_t<decltype(pinned)>::size() == 0);
  CHECK(count_threads_named_like("pinned-") == 0);
  CHECK(pinned.is_idle());
  pinned.wait_idle();
}
