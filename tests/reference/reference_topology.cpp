#include <algorithm>
#include <atomic>
#include <reference/topology.hpp>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"

using namespace pinfold::literals;

namespace {

// Of the cores that the topology pins threads to, those that this machine has not, taken from the kernel's own word.
std::vector<int> missing_cores(int first, int last) {
  const auto online = static_cast<int>(std::thread::hardware_concurrency());
  std::vector<int> missing;
  for (int core = first; core <= last; ++core) {
    if (core >= online) missing.push_back(core);
  }
  return missing;
}

bool mentions(const pinfold::start_error& error, const std::string& where, const std::string& what) {
  return std::ranges::any_of(error.problems(), [&](const pinfold::problem& found) {
    return found.where == where && found.what.find(what) != std::string::npos &&
           found.remedy.find("topology.toml:") != std::string::npos;
  });
}

}  // namespace

static_assert(&reference::topology["gossip_consume"_s] == &reference::tbb_pools::sig_verify);
static_assert(&reference::topology.asio<"repair">() == &reference::asio_pools::net);
static_assert(&reference::tbb_pools::hashing == &reference::tbb_pools::sig_verify, "disabled: the fallback stands in");

TEST_CASE("the reference topology starts, or its error names every thread without a core") {
  const std::vector<int> missing = missing_cores(1, 16);
  if (missing.empty()) {
    const auto running = reference::topology.start();
    REQUIRE(running.problems().empty());
    return;
  }
  try {
    const auto running = reference::topology.start();
    FAIL("it started without cores " << missing.front() << " to " << missing.back());
  } catch (const pinfold::start_error& error) {
    for (const int core : missing) {
      const std::string text = "core " + std::to_string(core) + " is not";
      if (core <= 4) CHECK(mentions(error, "asio.net thread " + std::to_string(core - 1), text));
      if (core == 5) CHECK(mentions(error, "asio.file", text) + mentions(error, "asio.file thread 0", text) > 0);
      if (core >= 9) CHECK(mentions(error, "tbb.sig_verify thread " + std::to_string(core - 9), text));
    }
  }
}

TEST_CASE("a CPU map runs the reference topology on the cores that there are") {
  const auto last = std::to_string(std::thread::hardware_concurrency() - 1);
  pinfold::start_options options;
  options.cpu_map = "0-16:0-" + last;
  const auto running = reference::topology.start(std::move(options));
  REQUIRE(running.problems().empty());
  std::atomic<int> ran = 0;
  reference::topology.for_each([&](auto& pool) { pool.install([&] { ++ran; }); });
  CHECK(ran == 4);
}
