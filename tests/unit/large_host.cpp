// A binary for a host of 128 CPUs: what it says on another machine, and that it runs there with a map.
#include <algorithm>
#include <string>

#include <large_host/topology.hpp>

#include "catch.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;

TEST_CASE("the layout for the large host is the one that its machine description gives") {
  CHECK(large_host::asio_pools::net.size() == 4);
#ifdef PINFOLD_TEST_TBB
  CHECK(large_host::tbb_pools::compute.size() == 64);
#endif
  CHECK(large_host::native_pools::feed.size() == 4);
  CHECK(large_host::native_pools::default_.size() == 40);
}

TEST_CASE("on a machine with fewer CPUs the start error names pool, thread, core and remedy; else it starts") {
  if (std::ranges::binary_search(usable_cpus(), 127)) {
    CHECK(large_host::topology.start().problems().empty());
    return;
  }
  const std::string message = message_of<pinfold::start_error>([] { (void)large_host::topology.start(); });
  CHECK(contains(message, "pinfold: cannot start topology 'large_host': "));
  CHECK(contains(message, "PF201 native.default thread 39: core "));
  CHECK(contains(message, "large_host.toml:"));
  CHECK(contains(message, "PINFOLD_CPU_MAP="));
}

TEST_CASE("a map of all its CPUs runs it on a smaller machine, every thread named and in its place") {
  const std::string map = "0-127:" + std::to_string(cpu_of_core(0)) + "," + std::to_string(cpu_of_core(1));
  auto running = large_host::topology.start({.cpu_map = map});
  const auto both = cpus_of_cores({0, 1});
  for (const auto& [name, threads] : {std::pair{"net-", 4U}, std::pair{"feed-", 4U}, std::pair{"default-", 40U}}) {
    CHECK(count_threads_named_like(name) == threads);
  }
  for (const thread_facts& thread : threads_of_this_process()) {
    if (thread.name.starts_with("net-") || thread.name.starts_with("default-")) {
      CHECK(thread.cpus.size() == 1);
      CHECK(std::ranges::includes(both, thread.cpus));
    }
  }
  CHECK(large_host::native_pools::default_.install([] { return 7; }) == 7);
  CHECK(large_host::topology.native<"feed">().install([] { return 8; }) == 8);
}
