// [process] lock_memory.
#include <linux/capability.h>
#include <fstream>
#include <string>

#include <locked/topology.hpp>

#include "catch.hpp"
#include "support/lost_rights.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;

#ifdef PINFOLD_TEST_SANITIZED

TEST_CASE("a topology that locks memory starts and stops, though sanitizers turn mlockall into nothing") {
  const auto running = locked::topology.start();
  CHECK(locked::native_pools::work.install([] { return 1; }) == 1);
}

#else

namespace {

long locked_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word != "VmLck:") continue;
    long kib = 0;
    status >> kib;
    return kib;
  }
  return -1;
}

}  // namespace

TEST_CASE("lock_memory locks all memory while the topology runs where the process may") {
  REQUIRE(locked_kib() == 0);
  try {
    auto running = locked::topology.start();
    SECTION("here it may") {
      CHECK(locked_kib() > 1'000);
      running.stop();
      CHECK(locked_kib() == 0);
    }
  } catch (const pinfold::start_error& error) {
    SECTION("here it may not") {
      CHECK(contains(error.what(), "PF209 process: mlockall refused: "));
      CHECK(locked_kib() == 0);
    }
  }
}

TEST_CASE("a process without the right to lock memory is told how to get it") {
  const without_capability ipc_lock(CAP_IPC_LOCK);
  const lowered_limit memory(RLIMIT_MEMLOCK, 0);
  const std::string message = message_of<pinfold::start_error>([] { (void)locked::topology.start(); });
  CHECK(contains(message,
                 "PF209 process: mlockall refused: Operation not permitted\n        remedy: raise RLIMIT_MEMLOCK "
                 "(ulimit -l, LimitMEMLOCK=), grant CAP_IPC_LOCK, or edit [process] lock_memory "
                 "(topologies/locked.toml:5)"));
}

#endif
