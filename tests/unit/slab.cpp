// Slots of static memory: each is one user's at a time, and none gets lost.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include <pinfold/detail/slab.hpp>

#include "catch.hpp"

using pinfold::detail::task_slab;
using pinfold::detail::task_slot;

namespace {

std::vector<void*> take_all(task_slab& slab) {
  std::vector<void*> taken;
  while (void* const bytes = slab.take(1, 1)) taken.push_back(bytes);
  return taken;
}

}  // namespace

TEST_CASE("a slab gives each of its slots once, and again when it was given back") {
  std::vector<task_slot> slots(100);
  task_slab slab(slots);
  for (int round = 0; round < 3; ++round) {
    const std::vector<void*> taken = take_all(slab);
    CHECK(taken.size() == 100);
    CHECK(std::set(taken.begin(), taken.end()).size() == 100);
    for (void* each : taken) slab.give_back(each);
  }
}

TEST_CASE("a slab refuses what does not fit a slot, and what is aligned as a slot is where it fits behind the link") {
  std::vector<task_slot> slots(4);
  task_slab slab(slots);
  CHECK(slab.take(task_slot::capacity + 1, 8) == nullptr);
  CHECK(slab.take(8, 2 * alignof(task_slot)) == nullptr);
  CHECK(slab.take(sizeof(task_slot) - alignof(task_slot) + 1, alignof(task_slot)) == nullptr);

  void* const whole = slab.take(task_slot::capacity, 16);
  void* const aligned = slab.take(sizeof(task_slot) - alignof(task_slot), alignof(task_slot));
  REQUIRE(whole != nullptr);
  REQUIRE(aligned != nullptr);
  CHECK(reinterpret_cast<std::uintptr_t>(aligned) % alignof(task_slot) == 0);
  CHECK(slab.owns(aligned));
  slab.give_back(whole);
  slab.give_back(aligned);
  CHECK(take_all(slab).size() == 4);
}

// One takes and another gives back, as a poster and a worker do, and some do both.
TEST_CASE("threads that take and give back slots never share one, and lose none") {
  constexpr std::size_t size = 24;
  constexpr int rounds = 100'000;
  std::vector<task_slot> slots(size);
  task_slab slab(slots);
  std::array<std::atomic<void*>, 8> desks{};
  std::atomic<int> takers = 3;
  std::atomic<int> shared = 0;

  const auto take_marked = [&]() -> void* {
    void* const bytes = slab.take(sizeof(int), alignof(int));
    if (bytes == nullptr) return nullptr;
    if (std::atomic_ref(*static_cast<int*>(bytes)).exchange(1, std::memory_order_relaxed) == 1) ++shared;
    return bytes;
  };
  const auto give_back = [&](void* bytes) {
    std::atomic_ref(*static_cast<int*>(bytes)).store(0, std::memory_order_relaxed);
    slab.give_back(bytes);
  };
  {
    std::vector<std::jthread> threads;
    for (int taker = 0; taker < 3; ++taker) {
      threads.emplace_back([&, taker] {
        for (int i = 0; i < rounds; ++i) {
          void* const mine = take_marked();
          if (mine == nullptr) continue;
          if (void* const other = desks[static_cast<std::size_t>(i + taker) % desks.size()].exchange(mine)) {
            give_back(other);
          }
        }
        --takers;
      });
    }
    threads.emplace_back([&] {
      while (takers != 0) {
        for (auto& desk : desks) {
          if (void* const other = desk.exchange(nullptr)) give_back(other);
        }
      }
    });
  }

  CHECK(shared == 0);
  for (auto& desk : desks) {
    if (void* const left = desk.exchange(nullptr)) give_back(left);
  }
  CHECK(take_all(slab).size() == size);
}
