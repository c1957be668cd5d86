// parallel_reduce(): the neighbours' results combined in their order.
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/messages.hpp"
#include "theft.hpp"

using namespace pinfold_test;

namespace {

/// Terms whose sum depends on the order of the additions.
double term(int i) { return (i % 2 == 0 ? 1.0 : -0.99999) * std::exp2(i % 60) / (i + 1.0); }

template <class Pool>
double sum_in(Pool& pool, int count, std::size_t grain) {
  return pool.install([&] {
    return pinfold::parallel_reduce(0, count, {.grain = grain, .deterministic = true}, 0.0, term, std::plus<>());
  });
}

std::string joined(std::string left, const std::string& right) { return std::move(left) + right; }

std::string letters(int first, int last) {
  std::string text;
  for (int i = first; i < last; ++i) text += static_cast<char>('a' + i % 26);
  return text;
}

}  // namespace

TEMPLATE_TEST_CASE("a reduction combines every index once", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  for (const bool deterministic : {false, true}) {
    for (const std::size_t grain : {0, 1, 13, 1'000'000}) {
      const auto sum = TestType::pool().install([&] {
        return pinfold::parallel_reduce(
            -10, 30'000, {.grain = grain, .deterministic = deterministic}, std::int64_t{0},
            [](int i) { return std::int64_t{i}; }, std::plus<>());
      });
      REQUIRE(sum == 449'984'945);
    }
  }
}

TEMPLATE_TEST_CASE("a reduction keeps the order: what it combines need not commute", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  TestType::pool().install([] {
    for (const bool deterministic : {false, true}) {
      for (int round = 0; round < 20; ++round) {
        const auto text = pinfold::parallel_reduce(
            0, 2'000, {.grain = 3, .deterministic = deterministic}, std::string(),
            [](int i) { return letters(i, i + 1); }, joined);
        REQUIRE(text == letters(0, 2'000));
      }
    }
  });
}

TEMPLATE_TEST_CASE("a reduction may map parts of the range, which begin with what came before", "",
                   PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  TestType::pool().install([] {
    for (const bool deterministic : {false, true}) {
      const auto text = pinfold::parallel_reduce(
          0, 2'000, {.grain = 3, .deterministic = deterministic}, std::string(),
          [](int begin, int end, std::string so_far) { return std::move(so_far) + letters(begin, end); }, joined);
      REQUIRE(text == letters(0, 2'000));
    }
  });
}

TEST_CASE("a reduction of nothing is the identity") {
  const auto running = crews::topology.start();
  crews::native_pools::two.install([] {
    const auto unreachable = [](int) -> int { throw std::logic_error("called"); };
    for (const bool deterministic : {false, true}) {
      CHECK(pinfold::parallel_reduce(4, 4, {.deterministic = deterministic}, 17, unreachable, std::plus<>()) == 17);
      CHECK(pinfold::parallel_reduce(4, -4, {.deterministic = deterministic}, 17, unreachable, std::plus<>()) == 17);
    }
  });
}

TEST_CASE("a reduction of one index is its value combined with the identity") {
  const auto running = crews::topology.start();
  crews::native_pools::two.install(
      [] { CHECK(pinfold::parallel_reduce(3, 4, 10, [](int i) { return i; }, std::plus<>()) == 13); });
}

TEST_CASE("a reduction runs over iterators and strides") {
  const auto running = crews::topology.start();
  std::vector<int> numbers(1'001);
  std::iota(numbers.begin(), numbers.end(), 0);
  crews::native_pools::four.install([&] {
    const auto value = [](auto element) { return *element; };
    CHECK(pinfold::parallel_reduce(numbers.begin(), numbers.end(), 0, value, std::plus<>()) == 500'500);
    CHECK(pinfold::parallel_reduce(numbers.cbegin(), numbers.cend(), {.stride = 10}, 0, value, std::plus<>()) ==
          50'500);
  });
}

TEST_CASE("a reduction's value may be of a type that has no default") {
  struct least {
    explicit least(int number) : value(number) {}
    int value;
  };
  const auto running = crews::topology.start();
  for (const bool deterministic : {false, true}) {
    const least found = crews::native_pools::four.install([&] {
      return pinfold::parallel_reduce(
          0, 10'000, {.grain = 10, .deterministic = deterministic}, least(std::numeric_limits<int>::max()),
          [](int i) { return least((i - 7'777) * (i - 7'777) - 5); },
          [](least a, least b) { return a.value < b.value ? a : b; });
    });
    CHECK(found.value == -5);
  }
}

TEST_CASE("a deterministic sum of doubles has the same bits with 1, 2 and 4 workers") {
  const auto running = crews::topology.start();
  for (const std::size_t grain : {0, 1, 17, 1'000}) {
    for (const int count : {1, 2, 1'000, 12'345}) {
      const auto expected = std::bit_cast<std::uint64_t>(sum_in(crews::native_pools::one, count, grain));
      for (int round = 0; round < 10; ++round) {
        REQUIRE(std::bit_cast<std::uint64_t>(sum_in(crews::native_pools::two, count, grain)) == expected);
        REQUIRE(std::bit_cast<std::uint64_t>(sum_in(crews::native_pools::four, count, grain)) == expected);
      }
    }
  }
}

TEST_CASE("the terms of the deterministic sums tell one order of additions from another") {
  double forwards = 0;
  double backwards = 0;
  for (int i = 0; i < 12'345; ++i) forwards += term(i);
  for (int i = 12'345; i > 0; --i) backwards += term(i - 1);
  CHECK(forwards != backwards);
}

TEST_CASE("a deterministic reduction with a grain of more than the range is one part") {
  const auto running = crews::topology.start();
  const int parts = crews::native_pools::one.install([] {
    int calls = 0;
    pinfold::parallel_reduce(
        0, 100, {.grain = std::numeric_limits<std::size_t>::max(), .deterministic = true}, 0,
        [&](int, int, int so_far) {
          ++calls;
          return so_far;
        },
        std::plus<>());
    return calls;
  });
  CHECK(parts == 1);
}

TEMPLATE_TEST_CASE("what a reduction's functions throw leaves it", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  TestType::pool().install([] {
    const auto plain = [](int i) { return i; };
    for (const bool deterministic : {false, true}) {
      for (int round = 0; round < 50; ++round) {
        REQUIRE(message_of<std::runtime_error>([&] {
                  pinfold::parallel_reduce(
                      0, 1'000, {.deterministic = deterministic}, 0,
                      [](int i) { return i == 500 ? throw std::runtime_error("map") : i; }, std::plus<>());
                }) == "map");
        REQUIRE(message_of<std::runtime_error>([&] {
                  pinfold::parallel_reduce(0, 1'000, {.deterministic = deterministic}, 0, plain,
                                           [](int, int) -> int { throw std::runtime_error("combine"); });
                }) == "combine");
      }
    }
  });
}

TEMPLATE_TEST_CASE("a cancelled reduction returns what was combined so far", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  for (const bool deterministic : {false, true}) {
    pinfold::cancellation_source source;
    std::atomic<long> mapped = 0;
    const long sum = TestType::pool().install([&] {
      return pinfold::parallel_reduce(
          0L, 1'000'000L, {.grain = 10, .token = source.token(), .deterministic = deterministic}, 0L,
          [&](long) {
            if (++mapped == 100) source.cancel();
            return 1L;
          },
          std::plus<>());
    });
    CHECK(sum == mapped);
    CHECK(sum >= 100);
  }
}
