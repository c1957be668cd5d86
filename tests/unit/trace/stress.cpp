// Traces begin and end while the pools have as much to do as they can: what a file has is whole.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <recorded/topology.hpp>

#include "catch.hpp"
#include "trace/trace_text.hpp"

using namespace pinfold_test;

namespace {

// Posts until told to stop, from a thread of no pool; each task posts on to another pool.
void keep_busy(const std::atomic<bool>& over) {
  while (!over) {
    recorded::topology.for_each([&](auto& pool) {
      for (int i = 0; i < 8; ++i) {
        pool.post([] { recorded::native_pools::two.post([] {}); });
      }
    });
    recorded::topology.for_each([](auto& pool) { pool.wait_idle(); });
  }
}

void trace_under_load(const pinfold::running_topology& running, const std::string& file, std::size_t capacity) {
  auto trace = running.trace(file, {.events_per_thread = capacity});
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const trace_text text = text_of(trace, file);
  for (const trace_entry& each : text.entries) CHECK(each.end_ns <= 60'000'000'000);
}

}  // namespace

TEST_CASE("traces begin and end under load") {
  const trace_place place;
  std::atomic<bool> over = false;
  auto running = recorded::topology.start();
  std::vector<std::thread> outsiders;
  for (int i = 0; i < 2; ++i) outsiders.emplace_back([&] { keep_busy(over); });
  for (int round = 0; round < 40; ++round) {
    trace_under_load(running, place.file(), round % 2 == 0 ? 20 : 300);
  }
  over = true;
  for (std::thread& each : outsiders) each.join();
}

TEST_CASE("a topology stops while it is traced, and starts again") {
  const trace_place place;
  for (int round = 0; round < 20; ++round) {
    auto running = recorded::topology.start();
    auto trace = running.trace(place.file(), {.events_per_thread = 1000});
    recorded::topology.for_each([&](auto& pool) {
      for (int i = 0; i < 20; ++i) pool.post([] {});
    });
    std::thread stopper;
    if (round % 2 == 0) {
      stopper = std::thread([&] { running.stop(); });
    } else {
      running.stop();
    }
    const trace_text text = text_of(trace, place.file());
    if (round % 2 != 0) CHECK(text.named("task").size() == recorded::topology.size() * 20);
    if (stopper.joinable()) stopper.join();
  }
}
