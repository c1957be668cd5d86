// Two topologies in one process: each keeps its own threads in place, and the process's go home in the end.
#include <neighbour/topology.hpp>
#include <other_neighbour/topology.hpp>
#include <vector>

#include "catch.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

TEST_CASE("a second topology moves the process's threads but not the first one's pools") {
  const std::vector<int> before = usable_cpus();
  auto first = neighbour::topology.start(on_this_machine());
  CHECK(affinity_of_this_thread() == cpus_of_cores({1}));
  auto second = other_neighbour::topology.start(on_this_machine());
  CHECK(affinity_of_this_thread() == cpus_of_cores({0}));
  CHECK(neighbour::native_pools::left.install(affinity_of_this_thread) == cpus_of_cores({0}));

  SECTION("stopped in reverse order, each gives back what it found") {
    second.stop();
    CHECK(affinity_of_this_thread() == cpus_of_cores({1}));
    first.stop();
    CHECK(affinity_of_this_thread() == before);
  }
  SECTION("stopped in order of start, the last gives back what was at first") {
    first.stop();
    CHECK(affinity_of_this_thread() == cpus_of_cores({0}));
    second.stop();
    CHECK(affinity_of_this_thread() == before);
  }
}
