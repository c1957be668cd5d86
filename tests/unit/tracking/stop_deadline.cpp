// stop(deadline): what has not ended is reported, and the topology goes on draining.
#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <chrono>
#include <optional>
#include <reactors/topology.hpp>
#include <single/topology.hpp>
#include <sstream>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;
using namespace std::chrono_literals;
using pinfold::unfinished_work;

namespace {

std::optional<unfinished_work> find(const std::vector<unfinished_work>& left, const std::string& pool) {
  const auto found = std::ranges::find(left, pool, &unfinished_work::pool);
  return found == left.end() ? std::nullopt : std::optional(*found);
}

std::string qualified(const auto& pool) {
  const std::string kinds[] = {"asio.", "tbb.", "native."};
  return kinds[static_cast<int>(pool.spec.kind)] + std::string(pool.spec.name);
}

}  // namespace

TEMPLATE_TEST_CASE("a stop whose deadline passes says what runs and waits, and a later one goes on", "",
                   PINFOLD_TEST_POOLS) {
  auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  std::atomic<int> runs = 0;
  for (std::size_t i = 0; i < pool.size(); ++i) pool.post([&] { gate.wait(); });
  gate.wait_for_arrivals(pool.size());
  for (int i = 0; i < 3; ++i) pool.post([&] { ++runs; });

  for (const auto patience : {0ms, 1ms, 20ms}) {
    const auto left = running.stop(patience);
    REQUIRE(left.size() == 1);
    CHECK(left[0].pool == qualified(pool));
    CHECK(left[0].running == pool.size());
    CHECK(left[0].waiting == 3);
    CHECK(left[0].accepted == pool.size() + 3);
    CHECK(left[0].managed_threads.empty());
    CHECK(left[0].threads == pool.size());
    CHECK_THROWS_AS(pool.post([] {}), pinfold::pool_stopped);  // it drains
    CHECK(contains(message_of<pinfold::start_error>([] { (void)contract::topology.start(); }), "PF213"));
  }
  gate.open();
  CHECK(running.stop(1h).empty());
  CHECK(runs == 3);
  CHECK(eventually([&] { return count_threads_named_like(std::string(pool.spec.thread_name)) == 0; }));
  CHECK(running.stop(0s).empty());
  CHECK(contract::topology.start().stop(std::chrono::hours::max()).empty());  // longer than the clock goes
}

TEST_CASE("a stop with a time point may be the first or a later one") {
  auto running = contract::topology.start();
  held_gate gate;
  contract::native_pools::one.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  CHECK_FALSE(running.stop(std::chrono::steady_clock::time_point{}).empty());
  CHECK_FALSE(running.stop(std::chrono::steady_clock::now() + 1ms).empty());
  gate.open();
  CHECK(running.stop(std::chrono::steady_clock::now() + 1h).empty());
  CHECK_THROWS_AS(contract::native_pools::one.post([] {}), pinfold::pool_stopped);
}

TEST_CASE("after a deadline has passed the destructor waits for the rest") {
  held_gate gate;
  std::atomic<bool> ended = false;
  std::jthread opener;
  {
    auto running = contract::topology.start();
    contract::asio_pools::two.post([&] {
      gate.wait();
      contract::native_pools::one.post([&] { ended = true; });  // accepted work goes on
    });
    gate.wait_for_arrivals(1);
    CHECK_FALSE(running.stop(1ms).empty());
    opener = std::jthread([&] { gate.open(); });
  }
  CHECK(ended);
}

TEST_CASE("managed threads that go on are reported by name, whatever else is idle") {
  auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  held_gate gate;
  auto stubborn = pool.spawn_thread("stubborn", [&] { gate.wait(); });
  auto other = pool.spawn_thread("other", [&] { gate.wait(); });
  auto obedient = pool.spawn_thread("obedient", [](const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
  });
  gate.wait_for_arrivals(2);
  auto left = running.stop(10ms);
  REQUIRE(eventually([&] { return obedient.is_finished(); }));
  left = running.stop(0ms);
  REQUIRE(left.size() == 1);
  std::ranges::sort(left[0].managed_threads);
  CHECK(left[0].pool == "native.two");
  CHECK(left[0].accepted == 0);
  CHECK(left[0].managed_threads == std::vector<std::string>{"other", "stubborn"});
  gate.open();
  CHECK(running.stop(1h).empty());
}

TEST_CASE("an I/O handler that does not return keeps its thread, which is reported, and no more than that") {
  auto running = reactors::topology.start();
  auto& pool = reactors::asio_pools::patient;
  held_gate gate;
  boost::asio::post(pool.context(), [&] { gate.wait(); });  // past the pool: no accepted work
  gate.wait_for_arrivals(1);
  CHECK(running.is_idle());
  auto left = running.stop(20ms);
  REQUIRE(eventually([&] {
    left = running.stop(1ms);
    return left.size() == 4;  // the pool behind it in the file has ended, those before it wait for it
  }));
  const auto patient = find(left, "asio.patient");
  REQUIRE(patient.has_value());
  CHECK(patient->accepted == 0);
  CHECK(patient->threads == 1);
  CHECK_FALSE(find(left, "native.work").has_value());
  gate.open();
  CHECK(running.stop(1h).empty());
}

TEST_CASE("a deadline holds also where another thread is in stop") {
  auto running = contract::topology.start();
  held_gate gate;
  contract::native_pools::one.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  std::jthread patient([&] { running.stop(); });
  std::atomic<bool> stopped = false;
  std::jthread limited([&] { stopped = running.stop(1h).empty(); });
  for (int i = 0; i < 20; ++i) {
    const auto left = running.stop(std::chrono::milliseconds(i % 3));
    REQUIRE(left.size() == 1);
    CHECK(left[0].pool == "native.one");
    CHECK(left[0].running == 1);
  }
  gate.open();
  patient.join();
  limited.join();
  CHECK(stopped);
  CHECK(running.stop(0ms).empty());
}

TEST_CASE("a stop without deadline takes over from one whose deadline passes") {
  auto running = contract::topology.start();
  held_gate gate;
  contract::native_pools::one.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  std::atomic<bool> gave_up = false;
  std::jthread limited([&] {
    gave_up = !running.stop(30ms).empty();
    gate.open();
  });
  running.stop();
  limited.join();
  CHECK(gave_up);
  CHECK_THROWS_AS(contract::native_pools::one.post([] {}), pinfold::pool_stopped);
}

TEST_CASE("a start that comes while a stop waits begins when the topology has stopped") {
  auto running = single::topology.start();
  held_gate gate;
  single::native_pools::alone.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  std::jthread stopper([&] { running.stop(); });
  REQUIRE(eventually([] {
    try {
      single::native_pools::alone.post([] {});
      return false;
    } catch (const pinfold::pool_stopped&) {
      return true;
    }
  }));
  std::jthread opener([&] {
    std::this_thread::sleep_for(5ms);
    gate.open();
  });
  std::optional<pinfold::running_topology> next;
  REQUIRE(eventually([&] {  // the stopper may not have begun to wait when the start was called
    try {
      next.emplace(single::topology.start());
    } catch (const pinfold::start_error&) {
    }
    return next.has_value();
  }));
  CHECK(single::native_pools::alone.install([] { return 3; }) == 3);
}

TEST_CASE("a handle of an earlier run, or one that was moved from, has nothing to stop") {
  auto first = single::topology.start();
  first.stop();
  auto second = single::topology.start();
  CHECK(first.stop(0ms).empty());
  auto third = std::move(second);
  CHECK(second.stop(0ms).empty());  // NOLINT(bugprone-use-after-move): what a moved-from one says
  CHECK(single::native_pools::alone.install([] { return 4; }) == 4);
}

TEST_CASE("a worker of another topology may stop one with a deadline") {
  const auto outer = single::topology.start();
  auto running = contract::topology.start();
  held_gate gate;
  contract::native_pools::one.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  CHECK(single::native_pools::alone.install([&] { return running.stop(1ms).size(); }) == 1);
  gate.open();
  CHECK(single::native_pools::alone.install([&] { return running.stop(1h).size(); }) == 0);
}

TEST_CASE("unfinished work prints on one line") {
  std::ostringstream out;
  out << unfinished_work{.pool = "native.two",
                         .accepted = 3,
                         .running = 1,
                         .waiting = 2,
                         .managed_threads = {"poller", "writer"},
                         .threads = 2};
  CHECK(out.str() == "native.two: 1 task running, 2 waiting; managed threads: poller, writer; 2 threads");
}
