// The queue through which tasks come into a native pool, at its smallest: whatever part of it a task goes through.
#include <array>
#include <atomic>
#include <cstddef>
#include <deque>
#include <thread>

#include <pinfold/detail/injector.hpp>

#include "catch.hpp"

using pinfold::detail::injector;
using pinfold::detail::injector_cell;
using pinfold::detail::task;
using pinfold::detail::task_kind;

namespace {

struct numbered_task : task {
  explicit numbered_task(std::size_t of, task_kind kind = task_kind::posted) noexcept
      : task([](task&) noexcept {}, kind), number(of) {}
  std::size_t number;
};

}  // namespace

TEST_CASE("a single consumer gets a producer's tasks in order, also those that found the ring full") {
  constexpr std::size_t bursts = 50'000;
  constexpr std::size_t in_burst = 3;
  std::array<injector_cell, 2> cells{};
  injector queue(cells);
  std::deque<numbered_task> items;
  for (std::size_t i = 0; i < bursts * in_burst; ++i) items.emplace_back(i);
  std::atomic<std::size_t> popped = 0;

  std::jthread producer([&] {
    for (numbered_task& each : items) {
      while (each.number % in_burst == 0 && popped.load() != each.number) std::this_thread::yield();
      queue.push(each);
    }
  });
  std::size_t out_of_order = 0;
  while (popped.load() != bursts * in_burst) {
    const task* const item = queue.pop(false);
    if (item == nullptr) continue;
    if (static_cast<const numbered_task*>(item)->number != popped.load()) ++out_of_order;
    popped.fetch_add(1);
  }
  CHECK(out_of_order == 0);
}

TEST_CASE("who waits for room goes on when an awaited task leaves the overflow last") {
  std::array<injector_cell, 2> cells{};
  injector queue(cells);
  numbered_task first(0);
  numbered_task second(1);
  numbered_task overflowing(2, task_kind::awaited);
  numbered_task waiting(3);
  queue.push(first);
  queue.push(second);
  queue.push(overflowing);

  std::jthread producer([&] { queue.push_or_wait(waiting); });
  CHECK(queue.pop(false) == &first);
  CHECK(queue.pop(false) == &second);
  CHECK(queue.pop(true) == &overflowing);
  task* last = nullptr;
  while (last == nullptr) last = queue.pop(false);
  CHECK(last == &waiting);
}

TEST_CASE("what one who takes awaited tasks only puts aside is in sight all the time") {
  constexpr int rounds = 300'000;
  std::array<injector_cell, 4> cells{};
  injector queue(cells);
  numbered_task item(0);
  std::atomic<bool> done = false;
  std::jthread deep([&] {
    while (!done) {
      if (queue.pop(true) != nullptr) done = true;
    }
  });

  int out_of_sight = 0;
  for (int round = 0; round < rounds; ++round) {
    queue.push(item);
    for (int look = 0; look < 50; ++look) {
      if (!queue.may_have_tasks(false)) ++out_of_sight;
    }
    while (queue.pop(false) == nullptr) std::this_thread::yield();
  }
  CHECK(!done.exchange(true));
  CHECK(out_of_sight == 0);
}
