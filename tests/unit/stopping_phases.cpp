// A stop in every phase of a run: while it starts, works, drains and ends, and from within its own code.
#include <atomic>
#include <boost/asio/post.hpp>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <pinfold/topology_ref.hpp>

#include "catch.hpp"
#include "support/child.hpp"
#include "support/contract_pools.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
using namespace std::chrono_literals;

TEST_CASE("a stop that is asked for while the topology starts is not lost") {
  for (int round = 0; round < 50; ++round) {
    auto running = contract::topology.start(
        {.on_thread_start = [](const pinfold::pool_thread_info&) { pinfold::this_topology().request_stop(); }});
    // Threads that have not come so far yet ask later.
    contract::topology.for_each([&](auto& pool) {
      for (bool refuses = false; !refuses;) {
        try {
          pool.post([] {});
        } catch (const pinfold::pool_stopped&) {
          refuses = true;
        }
      }
    });
    running.stop();
    CHECK_FALSE(contract::topology.is_running());
  }
}

TEST_CASE("handles of earlier runs that are stopped while another thread starts stop nothing") {
  std::atomic<bool> over = false;
  std::optional<pinfold::running_topology> earlier = contract::topology.start();
  earlier->stop();
  std::jthread stopper([&] {
    while (!over) {
      earlier->request_stop();
      earlier->stop();
      (void)earlier->stop(1ms);
    }
  });
  for (int round = 0; round < 50; ++round) {
    auto running = contract::topology.start();
    CHECK(contract::native_pools::one.install([] { return 7; }) == 7);
    running.stop();
  }
  over = true;
}

TEST_CASE("a topology that drains is asked and told to stop by others meanwhile, and ends once") {
  auto running = contract::topology.start();
  held_gate gate;
  contract::asio_pools::two.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);
  CHECK_FALSE(running.stop(1ms).empty());
  std::jthread first([&] { running.stop(); });
  std::jthread second([&] {
    running.request_stop();
    CHECK_FALSE(running.stop(1ms).empty());
  });
  second.join();
  CHECK_THROWS_AS(contract::native_pools::one.post([] {}), pinfold::pool_stopped);
  gate.open();
  CHECK(running.stop(1h).empty());
  first.join();
  CHECK_FALSE(contract::topology.is_running());
}

TEST_CASE("threads on their way out keep a stop with a deadline waiting, not for ever") {
  held_gate gate;
  auto running = contract::topology.start({.on_thread_exit = [&](const pinfold::pool_thread_info& info) {
    if (info.thread == "native-one-0") gate.wait();
  }});
  CHECK_FALSE(running.stop(10ms).empty());
  running.request_stop();
  CHECK_FALSE(running.stop(1ms).empty());
  gate.open();
  CHECK(running.stop(1h).empty());
}

TEST_CASE("child: a handler of an io_context stops its topology", "[.child]") {
  auto running = contract::topology.start();
  boost::asio::post(contract::asio_pools::one.context(), [&] { running.stop(); });
  std::this_thread::sleep_for(20s);
}

TEST_CASE("child: on_exception stops the topology", "[.child]") {
  std::optional<pinfold::running_topology> running;
  running = contract::topology.start({.on_exception = [&](const pinfold::escaped_exception&) { running->stop(); }});
  contract::asio_pools::one.post([] { throw std::runtime_error("to be handled"); });
  std::this_thread::sleep_for(20s);
}

TEST_CASE("child: a managed thread stops its topology", "[.child]") {
  auto running = contract::topology.start();
  auto thread = contract::native_pools::two.spawn_thread("leaver", [&] { running.stop(1ms).clear(); });
  thread.join();
}

TEST_CASE("code of the topology that stops it ends the process and names the thread, whatever code it is") {
  for (const auto& [name, thread] : {std::pair("a handler of an io_context stops its topology", "asio-one-0"),
                                     std::pair("on_exception stops the topology", "asio-one-0"),
                                     std::pair("a managed thread stops its topology", "leaver")}) {
    const child_result child = run_case(std::string("child: ") + name);
    INFO(child.output);
    CHECK(child.signal == SIGABRT);
    CHECK(contains(child.output, std::string("pinfold: topology 'contract' was stopped by its own thread ") + thread +
                                     ", which cannot join itself"));
  }
}
