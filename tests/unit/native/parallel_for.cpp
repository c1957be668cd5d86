// parallel_for(): every index once, whatever its type and whoever takes part.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "catch.hpp"
#include "support/messages.hpp"
#include "theft.hpp"

using namespace pinfold_test;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int many = 20'000;
#else
constexpr int many = 200'000;
#endif

/// How often each index of [first, last] came.
template <class Index>
class seen_indices {
 public:
  seen_indices(Index first, Index last)
      : first_(first), counts_(static_cast<std::size_t>(static_cast<std::int64_t>(last) - first) + 1) {}

  void add(Index i) { ++counts_[static_cast<std::size_t>(static_cast<std::int64_t>(i) - first_)]; }
  /// Those that came once; all if one came more often or another than these came.
  [[nodiscard]] std::size_t once() const {
    return static_cast<std::size_t>(std::count(counts_.begin(), counts_.end(), 1));
  }
  [[nodiscard]] bool is_none_repeated() const {
    return std::all_of(counts_.begin(), counts_.end(), [](const auto& count) { return count <= 1; });
  }

 private:
  std::int64_t first_;
  std::vector<std::atomic<int>> counts_;
};

/// The loop's indices, in the order in which they came.
template <class Index>
std::vector<Index> indices_of(Index first, Index last, pinfold::loop_options options = {}) {
  return crews::native_pools::one.install([&] {
    std::vector<Index> seen;
    pinfold::parallel_for(first, last, options, [&](Index i) { seen.push_back(i); });
    return seen;
  });
}

}  // namespace

TEMPLATE_TEST_CASE("a loop over the whole range of a small type runs each index but the last once", "", std::int8_t,
                   std::uint8_t, std::int16_t, std::uint16_t, char, signed char, char8_t, char16_t) {
  const auto running = crews::topology.start();
  constexpr auto first = std::numeric_limits<TestType>::min();
  constexpr auto last = std::numeric_limits<TestType>::max();
  for (const bool alone : {true, false}) {
    seen_indices<TestType> seen(first, last);
    const auto loop = [&] { pinfold::parallel_for(first, last, [&](TestType i) { seen.add(i); }); };
    alone ? crews::native_pools::one.install(loop) : crews::native_pools::four.install(loop);
    CHECK(seen.once() == static_cast<std::size_t>(static_cast<std::int64_t>(last) - first));
    CHECK(seen.is_none_repeated());
  }
}

TEMPLATE_TEST_CASE("a loop at either end of a large type's range runs each index once", "", std::int32_t, std::uint32_t,
                   std::int64_t, std::uint64_t, wchar_t, std::ptrdiff_t, std::size_t, unsigned long long) {
  const auto running = crews::topology.start();
  constexpr auto lowest = std::numeric_limits<TestType>::min();
  constexpr auto highest = std::numeric_limits<TestType>::max();
  CHECK(indices_of<TestType>(lowest, static_cast<TestType>(lowest + 3)) ==
        std::vector<TestType>{lowest, static_cast<TestType>(lowest + 1), static_cast<TestType>(lowest + 2)});
  CHECK(indices_of<TestType>(static_cast<TestType>(highest - 2), highest) ==
        std::vector<TestType>{static_cast<TestType>(highest - 2), static_cast<TestType>(highest - 1)});
}

TEST_CASE("a stride over the whole range of a large type does not overflow") {
  const auto running = crews::topology.start();
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  constexpr auto highest = std::numeric_limits<std::int64_t>::max();
  CHECK(indices_of(lowest, highest, {.stride = std::size_t{1} << 62U}) ==
        std::vector<std::int64_t>{lowest, lowest / 2, 0, highest / 2 + 1});
  CHECK(indices_of(std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max(), {.stride = std::size_t{1} << 63U}) ==
        std::vector<std::uint64_t>{0, std::uint64_t{1} << 63U});
}

TEMPLATE_TEST_CASE("a loop of many indices runs each once, with any number of workers", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  seen_indices<int> seen(-many / 2, many / 2);
  TestType::pool().install([&] { pinfold::parallel_for(-many / 2, many / 2, [&](int i) { seen.add(i); }); });
  CHECK(seen.once() == many);
  CHECK(seen.is_none_repeated());
}

TEST_CASE("a loop over an empty or reversed range calls nothing") {
  const auto running = crews::topology.start();
  CHECK(indices_of(0, 0).empty());
  CHECK(indices_of(5, -5).empty());
  CHECK(indices_of(std::uint8_t{200}, std::uint8_t{100}).empty());
  CHECK(indices_of(1, 0, {.grain = 8, .stride = 3}).empty());
  const auto chunks = crews::native_pools::one.install([] {
    int calls = 0;
    pinfold::parallel_for(3, 3, [&](int, int) { ++calls; });
    pinfold::parallel_for(3, 2, [&](int, int) { ++calls; });
    return calls;
  });
  CHECK(chunks == 0);
}

TEST_CASE("a loop that nobody asks for work runs in order") {
  const auto running = crews::topology.start();
  std::vector<int> expected(1'000);
  std::iota(expected.begin(), expected.end(), -500);
  CHECK(indices_of(-500, 500) == expected);
}

TEST_CASE("a loop with a stride runs first, first + stride, ... below last") {
  const auto running = crews::topology.start();
  CHECK(indices_of(0, 10, {.stride = 3}) == std::vector{0, 3, 6, 9});
  CHECK(indices_of(0, 9, {.stride = 3}) == std::vector{0, 3, 6});
  CHECK(indices_of(-5, 5, {.stride = 4}) == std::vector{-5, -1, 3});
  CHECK(indices_of(0, 10, {.stride = 100}) == std::vector{0});
  CHECK(indices_of<std::int8_t>(-128, 127, {.stride = 100}) == std::vector<std::int8_t>{-128, -28, 72});
  CHECK(indices_of<std::uint8_t>(0, 255, {.stride = 254}) == std::vector<std::uint8_t>{0, 254});
}

TEST_CASE("a stride of 0 is taken as 1") {
  const auto running = crews::topology.start();
  CHECK(indices_of(0, 3, {.stride = 0}) == std::vector{0, 1, 2});
}

TEMPLATE_TEST_CASE("a loop over iterators visits each element once", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::vector<int> vector(5'000, 1);
  std::deque<int> deque(5'000, 1);
  TestType::pool().install([&] {
    pinfold::parallel_for(vector.begin(), vector.end(), [](auto element) { ++*element; });
    pinfold::parallel_for(deque.begin(), deque.end(), {.grain = 7, .stride = 2}, [](auto element) { ++*element; });
    pinfold::parallel_for(vector.data(), vector.data() + 10, [](int* element) { ++*element; });
  });
  CHECK(std::accumulate(vector.begin(), vector.end(), 0) == 10'010);
  CHECK(std::accumulate(deque.begin(), deque.end(), 0) == 7'500);
  CHECK(deque[4] == 2);
  CHECK(deque[5] == 1);
}

TEST_CASE("the index types of a loop's ends need not be the same") {
  const auto running = crews::topology.start();
  crews::native_pools::one.install([] {
    std::size_t sum = 0;
    pinfold::parallel_for(std::size_t{0}, 4, [&](std::size_t i) { sum += i; });
    CHECK(sum == 6);
  });
}

TEMPLATE_TEST_CASE("the chunks of a loop are the range, without gap or overlap", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  for (const std::size_t grain : {0, 1, 7, 100'000}) {
    std::mutex mutex;
    std::vector<std::pair<int, int>> chunks;
    TestType::pool().install([&] {
      pinfold::parallel_for(-1'000, 9'000, {.grain = grain}, [&](int begin, int end) {
        const std::lock_guard lock(mutex);
        chunks.emplace_back(begin, end);
      });
    });
    std::sort(chunks.begin(), chunks.end());
    int at = -1'000;
    for (const auto& [begin, end] : chunks) {
      REQUIRE(begin == at);
      REQUIRE(begin < end);
      at = end;
    }
    REQUIRE(at == 9'000);
  }
}

TEMPLATE_TEST_CASE("the chunks of a loop with a stride begin at its indices", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  seen_indices<int> seen(0, 10'000);
  std::atomic<int> wrong = 0;
  TestType::pool().install([&] {
    pinfold::parallel_for(0, 10'000, {.grain = 5, .stride = 7}, [&](int begin, int end) {
      wrong += begin % 7 != 0 || (end % 7 != 0 && end != 10'000);
      for (int i = begin; i < end; i += 7) seen.add(i);
    });
  });
  CHECK(wrong == 0);
  CHECK(seen.once() == 1'429);
  CHECK(seen.is_none_repeated());
}

TEST_CASE("a loop that is alone begins with a grain, and no chunk but the last is smaller") {
  const auto running = crews::topology.start();
  std::vector<int> sizes;
  crews::native_pools::one.install([&] {
    pinfold::parallel_for(0, 64'001, {.grain = 64}, [&](int begin, int end) { sizes.push_back(end - begin); });
  });
  CHECK(sizes.front() == 64);
  CHECK(std::all_of(sizes.begin(), sizes.end() - 1, [](int size) { return size >= 64; }));
}

TEST_CASE("a loop of one grain is never divided") {
  const auto running = crews::topology.start();
  std::atomic<int> calls = 0;
  crews::native_pools::four.install([&] {
    for (int i = 0; i < 1'000; ++i) pinfold::parallel_for(0, 64, {.grain = 64}, [&](int, int) { ++calls; });
  });
  CHECK(calls == 1'000);
}

TEST_CASE("a loop on the only worker does not fork") {
  const auto running = crews::topology.start();
  crews::native_pools::one.install([] {
    bool forked = false;
    pinfold::parallel_for(0, 10'000, [&](int) { forked |= pinfold::has_pending_tasks(); });
    CHECK_FALSE(forked);
  });
}

TEST_CASE("two workers share a loop: the one that came first goes on until the other takes part") {
  const auto running = crews::topology.start();
  std::array<std::atomic<int>, 2> runs{};
  pinfold::cancellation_source both_came;
  crews::native_pools::two.install([&] {
    pinfold::parallel_for(0, std::numeric_limits<int>::max(), {.token = both_came.token()}, [&](int) {
      ++runs[*crews::native_pools::two.this_thread_index()];
      if (runs[0] != 0 && runs[1] != 0) both_came.cancel();
    });
  });
  CHECK(runs[0] > 0);
  CHECK(runs[1] > 0);
}

TEMPLATE_TEST_CASE("what a body throws leaves the loop, and iterations that have not begun are left out", "",
                   PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::atomic<int> after = 0;
  const std::string message = TestType::pool().install([&] {
    return message_of<std::runtime_error>([&] {
      pinfold::parallel_for(0, 1'000'000'000, {.grain = 1}, [&](int i) {
        if (i == 1'000) throw std::runtime_error("at 1000");
        after += i > 1'000;
      });
    });
  });
  CHECK(message == "at 1000");
  CHECK(after < 999'998'999);
}

TEMPLATE_TEST_CASE("when every body throws one of the exceptions leaves the loop", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  TestType::pool().install([] {
    for (int round = 0; round < 200; ++round) {
      REQUIRE(message_of<std::runtime_error>(
                  [] { pinfold::parallel_for(0, 1'000, [](int) { throw std::runtime_error("each"); }); }) == "each");
    }
  });
}

TEMPLATE_TEST_CASE("a cancelled loop leaves out what has not begun", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  pinfold::cancellation_source source;
  std::atomic<int> runs = 0;
  TestType::pool().install([&] {
    pinfold::parallel_for(0, 2'000'000'000, {.token = source.token()}, [&](int) {
      if (++runs == 10) source.cancel();
    });
  });
  CHECK(runs >= 10);
  CHECK(runs < 2'000'000'000);

  runs = 0;
  TestType::pool().install([&] { pinfold::parallel_for(0, 1'000, {.token = source.token()}, [&](int) { ++runs; }); });
  CHECK(runs == 0);
}

TEMPLATE_TEST_CASE("loops nest", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::vector<std::atomic<int>> runs(10'000);
  TestType::pool().install([&] {
    pinfold::parallel_for(0, 10, [&](int a) {
      pinfold::parallel_for(0, 10, [&](int b) {
        pinfold::parallel_for(0, 100, [&](int c) { ++runs[static_cast<std::size_t>(a * 1'000 + b * 100 + c)]; });
      });
    });
  });
  CHECK(std::count(runs.begin(), runs.end(), 1) == 10'000);
}
