// spawn_thread(): results, ends, limits.
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

#include <contract/topology.hpp>
#include <crew/topology.hpp>

#include "catch.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"

using namespace pinfold_test;
using namespace crew::native_pools;

TEST_CASE("join returns what the thread's function returned") {
  const auto running = crew::topology.start(on_this_machine());
  CHECK(pinned.spawn_thread("value", [] { return 5; }).join() == 5);
  CHECK(*pinned.spawn_thread("moved", [only = std::make_unique<int>(6)]() mutable { return std::move(only); }).join() ==
        6);

  int number = 0;
  CHECK(&pinned.spawn_thread("reference", [&]() -> int& { return number; }).join() == &number);

  auto nothing = pinned.spawn_thread("nothing", [&] { number = 7; });
  static_assert(std::is_void_v<decltype(nothing.join())>);
  nothing.join();
  CHECK(number == 7);
}

TEST_CASE("join rethrows what the thread's function threw") {
  const auto running = crew::topology.start(on_this_machine());
  auto failing = pinned.spawn_thread("failing", []() -> int { throw std::runtime_error("gone"); });
  CHECK(message_of<std::runtime_error>([&] { failing.join(); }) == "gone");
}

TEST_CASE("a thread can be joined once") {
  const auto running = crew::topology.start(on_this_machine());
  auto thread = pinned.spawn_thread("once", [] {});
  CHECK(thread.joinable());
  thread.join();
  CHECK_FALSE(thread.joinable());
  CHECK(contains(message_of<std::logic_error>([&] { thread.join(); }), "this handle has no thread"));
}

TEST_CASE("a thread runs beside the workers and is not one of them") {
  const auto running = crew::topology.start(on_this_machine());
  CHECK_FALSE(mixed.spawn_thread("beside", [] { return mixed.contains_this_thread(); }).join());
  CHECK(
      mixed.spawn_thread("installs", [] { return mixed.install([] { return mixed.contains_this_thread(); }); }).join());
}

TEST_CASE("is_finished turns true when the function has ended and place and core are free again") {
  const auto running = crew::topology.start(on_this_machine());
  held_gate gate;
  auto thread = single.spawn_thread("held", [&] { gate.wait(); });
  CHECK_FALSE(thread.is_finished());
  CHECK(single.managed_threads() == 1);

  gate.open();
  CHECK(eventually([&] { return thread.is_finished(); }));
  CHECK(single.managed_threads() == 0);
  thread.join();
  CHECK(thread.is_finished());
}

TEST_CASE("the place of a thread is free when it has ended, not when it is joined") {
  const auto running = crew::topology.start(on_this_machine());
  auto first = single.spawn_thread("first", [] { return 1; });
  REQUIRE(eventually([&] { return first.is_finished(); }));
  auto second = single.spawn_thread("second", [] { return 2; });
  CHECK(second.join() == 2);
  CHECK(first.join() == 1);
}

TEST_CASE("a thread beyond max_threads is refused with the remedy and costs nothing") {
  const auto running = crew::topology.start(on_this_machine());
  held_gate gate;
  auto held = single.spawn_thread("held", [&] { gate.wait(); });

  const std::string message = message_of<pinfold::thread_limit>([] { (void)single.spawn_thread("late", [] {}); });
  CHECK(
      message ==
      "native.single.spawn_thread('late'): needs a free place; all 1 of max_threads are running: raise max_threads in "
      "[native.single], or spawn when one has ended");
  CHECK(single.managed_threads() == 1);

  gate.open();
  held.join();
  single.spawn_thread("again", [] {}).join();
}

TEST_CASE("a handle that goes out of scope joins its thread") {
  const auto running = crew::topology.start(on_this_machine());
  std::atomic<bool> ended = false;
  {
    const auto thread = pinned.spawn_thread("scoped", [&] { ended = true; });
  }
  CHECK(ended);

  std::atomic<bool> first_ended = false;
  auto thread = pinned.spawn_thread("first", [&] { first_ended = true; });
  thread = pinned.spawn_thread("second", [] {});
  CHECK(first_ended);
}

TEST_CASE("a handle can be moved") {
  const auto running = crew::topology.start(on_this_machine());
  auto thread = pinned.spawn_thread("moved", [] { return 3; });
  auto other = std::move(thread);
  CHECK_FALSE(thread.joinable());  // NOLINT(bugprone-use-after-move): what a moved-from handle says
  CHECK(other.join() == 3);
}

TEST_CASE("a function that takes a stop token sees the handle's request") {
  const auto running = crew::topology.start(on_this_machine());
  auto thread = pinned.spawn_thread("stoppable", [](const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
    return true;
  });
  thread.request_stop();
  CHECK(thread.join());
}

TEST_CASE("a function that takes a stop token sees the stop of the topology") {
  std::atomic<bool> saw = false;
  held_gate started;
  started.open();
  auto running = crew::topology.start(on_this_machine());
  auto thread = pinned.spawn_thread("stoppable", [&](const std::stop_token& stop) {
    started.wait();
    while (!stop.stop_requested()) std::this_thread::yield();
    saw = true;
  });
  started.wait_for_arrivals(1);
  running.stop();
  CHECK(saw);
  thread.join();
}

TEST_CASE("a thread that is spawned by a thread while the topology stops sees the stop at once") {
  std::atomic<bool> both = false;
  held_gate gate;
  auto running = crew::topology.start(on_this_machine());
  auto parent = pinned.spawn_thread("parent", [&](const std::stop_token& stop) {
    gate.wait();
    while (!stop.stop_requested()) std::this_thread::yield();
    both = pinned
               .spawn_thread("child",
                             [](const std::stop_token& own) {
                               while (!own.stop_requested()) std::this_thread::yield();
                               return true;
                             })
               .join();
  });
  gate.open();
  running.stop();
  CHECK(both);
  parent.join();
}

TEST_CASE("a worker that joins a thread and one that stops the thread's topology both go on at its end") {
  const auto others = contract::topology.start(on_this_machine());
  auto running = crew::topology.start(on_this_machine());
  held_gate gate;
  auto thread = pinned.spawn_thread("awaited", [&] {
    gate.wait();
    return 9;
  });
  std::atomic<int> waiting = 0;
  auto joined = contract::native_pools::two.spawn_future([&] {
    ++waiting;
    return thread.join();
  });
  auto stopped = contract::native_pools::two.spawn_future([&] {
    ++waiting;
    running.stop();
    return crew::topology.is_running();
  });
  REQUIRE(eventually([&] { return waiting == 2; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // until both sleep, most times
  gate.open();
  CHECK(joined.get() == 9);
  CHECK_FALSE(stopped.get());
}

TEST_CASE("child: a thread destroys its own handle", "[.child]") {
  const auto running = crew::topology.start(on_this_machine());
  std::optional<pinfold::managed_thread<void>> own;
  held_gate gate;
  own = pinned.spawn_thread("own", [&] {
    gate.wait();
    own.reset();
  });
  gate.open();
  while (true) std::this_thread::yield();
}

TEST_CASE("a thread that destroys its own handle ends the process, and the message names it") {
  const child_result child = run_case("child: a thread destroys its own handle");
  CHECK(child.signal == SIGABRT);
  CHECK(
      contains(child.output,
               "managed thread 'own' of native.pinned destroys its own handle, which would join it: destroy or assign "
               "the handle on another thread"));
}

TEST_CASE("a handle may outlive the topology") {
  auto running = crew::topology.start(on_this_machine());
  auto thread = pinned.spawn_thread("outlived", [] { return 8; });
  running.stop();
  CHECK(thread.is_finished());
  CHECK(thread.join() == 8);
}

TEST_CASE("a managed thread can spawn another and join it") {
  const auto running = crew::topology.start(on_this_machine());
  auto outer = pinned.spawn_thread("outer", [] { return pinned.spawn_thread("inner", [] { return 4; }).join() + 1; });
  CHECK(outer.join() == 5);
}

TEST_CASE("names that the kernel cannot keep are refused") {
  const auto running = crew::topology.start(on_this_machine());
  CHECK(contains(message_of<std::invalid_argument>([] { (void)pinned.spawn_thread("", [] {}); }),
                 "the name '' has 0 bytes; the kernel keeps 1 to 15"));
  CHECK(contains(message_of<std::invalid_argument>([] { (void)pinned.spawn_thread("sixteen-bytes-ab", [] {}); }),
                 "the name 'sixteen-bytes-ab' has 16 bytes"));
  CHECK(pinned.managed_threads() == 0);
  pinned.spawn_thread("fifteen-bytes-a", [] { CHECK(thread_named("fifteen-bytes-a").has_value()); }).join();
}

TEST_CASE("spawning before start and after stop is refused") {
  CHECK_THROWS_AS((void)pinned.spawn_thread("early", [] {}), pinfold::pool_stopped);
  crew::topology.start(on_this_machine()).stop();
  CHECK(contains(message_of<pinfold::pool_stopped>([] { (void)pinned.spawn_thread("late", [] {}); }),
                 "native.pinned accepts no work: its topology is not running"));
}

TEST_CASE("child: nobody asks for a thread's exception", "[.child]") {
  const auto running = crew::topology.start(on_this_machine());
  (void)pinned.spawn_thread("forgotten", [] { throw std::runtime_error("unheard"); });
}

TEST_CASE("an exception of a thread that nobody asks for is printed and ends nothing") {
  const child_result child = run_case("child: nobody asks for a thread's exception");
  CHECK(child.exit_code == 0);
  CHECK(contains(child.output,
                 "pinfold: managed thread forgotten ended with an exception that nobody asked for: unheard"));
}

TEST_CASE("hundreds of short threads come and go within the limit") {
  const auto running = crew::topology.start(on_this_machine());
  int sum = 0;
  for (int i = 0; i < 100; ++i) {
    auto first = pinned.spawn_thread("first", [i] { return i; });
    auto second = pinned.spawn_thread("second", [i] { return i; });
    auto third = pinned.spawn_thread("third", [i] { return i; });
    sum += first.join() + second.join() + third.join();
  }
  CHECK(sum == 3 * 4950);
  CHECK(pinned.managed_threads() == 0);
}
