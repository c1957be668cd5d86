// When a trace may begin, how it ends, and what becomes of its file.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <nobody/topology.hpp>
#include <recorded/topology.hpp>

#include "catch.hpp"
#include "support/messages.hpp"
#include "support/threads.hpp"
#include "trace/trace_text.hpp"

using namespace pinfold_test;

namespace {

auto& pool = recorded::native_pools::one;

void run_tasks(int count) {
  for (int i = 0; i < count; ++i) pool.post([] {});
  pool.wait_idle();
}

// Of the last task before the recording the end may be in it.
std::size_t tasks_in(const std::string& file) {
  const auto tasks = read_trace(file).named("task");
  return static_cast<std::size_t>(
      std::ranges::count_if(tasks, [](const trace_entry& each) { return !each.arguments.contains("began"); }));
}

}  // namespace

TEST_CASE("traces come one after the other, each with what happened during it") {
  const trace_place place;
  const auto running = recorded::topology.start();
  run_tasks(1);
  for (int round = 2; round < 5; ++round) {
    auto trace = running.trace(place.file());
    run_tasks(round);
    trace.write();
    run_tasks(1);
    trace.write();
    CHECK(tasks_in(place.file()) == static_cast<std::size_t>(round));
  }
}

TEST_CASE("a second trace at once is refused, and the first goes on") {
  const trace_place place;
  const auto running = recorded::topology.start();
  auto trace = running.trace(place.file());
  const std::string refusal = message_of<pinfold::trace_error>([&] { (void)running.trace(place.file("other.json")); });
  CHECK(refusal == "topology 'recorded' is traced already, into '" + place.file() +
                       "': write() that trace or destroy it, then begin the next");
  run_tasks(3);
  trace.write();
  CHECK(tasks_in(place.file()) == 3);
}

TEST_CASE("the destructor ends a trace and writes the file; so does an assignment") {
  const trace_place place;
  const auto running = recorded::topology.start();
  {
    const auto trace = running.trace(place.file());
    run_tasks(2);
  }
  CHECK(tasks_in(place.file()) == 2);
  {
    auto trace = running.trace(place.file("first.json"));
    run_tasks(3);
    pinfold::trace_recording moved = std::move(trace);
    run_tasks(1);
    std::optional<pinfold::trace_recording> none(std::move(moved));
    none.reset();
    moved = running.trace(place.file("second.json"));
    run_tasks(5);
  }
  CHECK(tasks_in(place.file("first.json")) == 4);
  CHECK(tasks_in(place.file("second.json")) == 5);
}

TEST_CASE("a stop ends the trace, and what it recorded can be written afterwards") {
  const trace_place place;
  std::optional<pinfold::trace_recording> trace;
  {
    auto running = recorded::topology.start();
    trace.emplace(running.trace(place.file()));
    for (int i = 0; i < 7; ++i) pool.post([] {});
    running.stop();
    CHECK(message_of<pinfold::trace_error>([&] { (void)running.trace(place.file("late.json")); }) ==
          "topology 'recorded' cannot be traced: it has stopped; trace it between start() and stop()");
  }
  // The next run is another one.
  const auto running = recorded::topology.start();
  auto other = running.trace(place.file("other.json"));
  run_tasks(2);
  trace->write();
  run_tasks(1);
  other.write();
  CHECK(tasks_in(place.file()) == 7);
  CHECK(tasks_in(place.file("other.json")) == 3);
}

TEST_CASE("a running topology that was moved from cannot be traced") {
  const trace_place place;
  auto running = recorded::topology.start();
  const auto moved = std::move(running);
  // NOLINTNEXTLINE(bugprone-use-after-move): that is what is asked about
  CHECK(message_of<std::logic_error>([&] { (void)running.trace(place.file()); }) ==
        "running_topology::trace(): it was moved from");
  auto trace = moved.trace(place.file());
  run_tasks(1);
  trace.write();
  CHECK(tasks_in(place.file()) == 1);
}

TEST_CASE("a topology without workers has a trace without tasks") {
  const trace_place place;
  const auto running = nobody::topology.start();
  auto trace = running.trace(place.file());
  nobody::native_pools::crew.spawn_thread("poller", [] {}).join();
  const trace_text text = text_of(trace, place.file());
  CHECK(text.entries.empty());
  CHECK(text.threads.empty());
  CHECK(text.pools.at(1) == "native.crew");
}

TEST_CASE("two topologies are traced at once, each into its own file") {
  const trace_place place;
  const auto running = recorded::topology.start();
  const auto other = nobody::topology.start();
  auto trace = running.trace(place.file());
  auto empty = other.trace(place.file("other.json"));
  run_tasks(2);
  empty.write();
  run_tasks(2);
  trace.write();
  CHECK(tasks_in(place.file()) == 4);
  CHECK(tasks_in(place.file("other.json")) == 0);
}

TEST_CASE("a file that cannot be opened is an error at once, with its path and errno, and nothing is recorded") {
  const trace_place place;
  const auto running = recorded::topology.start();
  const std::string file = place.file("no/such/folder.json");
  CHECK(message_of<pinfold::trace_error>([&] { (void)running.trace(file); }) ==
        "trace file '" + file + "' cannot be opened: No such file or directory (errno 2)");
  auto trace = running.trace(place.file());
  trace.write();
}

TEST_CASE("a file that cannot be written is an error of write(), never of the destructor") {
  const auto running = recorded::topology.start();
  auto trace = running.trace("/dev/full");
  run_tasks(3);
  for (int i = 0; i < 2; ++i) {
    CHECK(message_of<pinfold::trace_error>([&] { trace.write(); }) ==
          "trace file '/dev/full' cannot be written: No space left on device (errno 28)");
  }
  {
    const auto unheard = running.trace("/dev/full");
  }
}

TEST_CASE("more memory than there is is refused, the file stays as it was, and the next trace begins") {
  const trace_place place;
  const auto running = recorded::topology.start();
#ifndef PINFOLD_TEST_SANITIZED  // its allocator ends the process instead
  std::ofstream(place.file()) << "of before";
  CHECK_THROWS_AS(running.trace(place.file(), {.events_per_thread = std::size_t{1} << 60U}), std::bad_alloc);
  CHECK(std::filesystem::file_size(place.file()) == std::string_view("of before").size());
#endif
  auto trace = running.trace(place.file(), {.events_per_thread = 0});
  run_tasks(1);
  const trace_text text = text_of(trace, place.file());
  CHECK(text.named("task").empty());
  CHECK(text.dropped() >= 2);
}
