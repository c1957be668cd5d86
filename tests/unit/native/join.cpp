// join(f, g, ...): all run, their results in a tuple, the first's exception.
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>

#include "catch.hpp"
#include "support/messages.hpp"
#include "theft.hpp"

using namespace pinfold_test;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int many_joins = 50'000;
constexpr int deep = 1'000;
#else
constexpr int many_joins = 500'000;
constexpr int deep = 7'000;
#endif

long fib(int n) {
  if (n < 2) return n;
  const auto [a, b] = pinfold::join([n] { return fib(n - 1); }, [n] { return fib(n - 2); });
  return a + b;
}

}  // namespace

TEMPLATE_TEST_CASE("join returns every result in the order of the functions, monostate for nothing", "",
                   PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  TestType::pool().install([] {
    int number = 5;
    auto results = pinfold::join([] { return 1; }, [] {}, [] { return std::make_unique<int>(3); },
                                 [&]() -> int& { return number; });
    static_assert(std::is_same_v<decltype(results), std::tuple<int, std::monostate, std::unique_ptr<int>, int&>>);
    CHECK(std::get<0>(results) == 1);
    CHECK(*std::get<2>(results) == 3);
    CHECK(&std::get<3>(results) == &number);
  });
}

TEST_CASE("a join of one function is a call") {
  const auto running = crews::topology.start();
  CHECK(crews::native_pools::one.install([] { return std::get<0>(pinfold::join([] { return 9; })); }) == 9);
}

TEST_CASE("join takes its functions by reference and does not copy them") {
  const auto running = crews::topology.start();
  crews::native_pools::one.install([] {
    auto count = [calls = std::make_unique<int>(0)] { return ++*calls; };
    auto other = [calls = std::make_unique<int>(10)] { return ++*calls; };
    CHECK(pinfold::join(count, other) == std::tuple(1, 11));
    CHECK(pinfold::join(count, other) == std::tuple(2, 12));
  });
}

TEMPLATE_TEST_CASE("the exception of the first function in order leaves a join, after all have run", "",
                   PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  TestType::pool().install([] {
    // Bit i of `throwing`: function i throws.
    for (int throwing = 1; throwing < 8; ++throwing) {
      std::atomic<int> runs = 0;
      const auto part = [&](int i) {
        ++runs;
        if ((throwing >> i & 1) != 0) throw std::runtime_error(std::to_string(i));
      };
      const std::string message =
          message_of<std::runtime_error>([&] { pinfold::join([&] { part(0); }, [&] { part(1); }, [&] { part(2); }); });
      REQUIRE(message == std::to_string((throwing & 1) != 0 ? 0 : (throwing & 2) != 0 ? 1 : 2));
      REQUIRE(runs == 3);
    }
  });
}

TEST_CASE("the first function's exception wins also when it comes last in time") {
  const auto running = crews::topology.start();
  const std::string message = crews::native_pools::two.install([] {
    std::atomic<bool> second_threw = false;
    return message_of<std::runtime_error>([&] {
      pinfold::join(
          [&] {
            stolen::settle(second_threw);
            throw std::runtime_error("first");
          },
          [&] {
            second_threw = true;
            throw std::runtime_error("second");
          });
    });
  });
  CHECK(message == "first");
}

TEMPLATE_TEST_CASE("an exception leaves nested joins as the outermost first one", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  const std::string message = TestType::pool().install([] {
    return message_of<std::runtime_error>([] {
      pinfold::join([] { pinfold::join([] {}, [] { throw std::runtime_error("inner second"); }); },
                    [] { throw std::runtime_error("outer second"); });
    });
  });
  CHECK(message == "inner second");
}

TEMPLATE_TEST_CASE("very many joins in a row each run both", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::atomic<long> runs = 0;
  TestType::pool().install([&] {
    const auto increment = [&] { runs.fetch_add(1, std::memory_order_relaxed); };
    for (int i = 0; i < many_joins; ++i) pinfold::join(increment, increment);
  });
  CHECK(runs == 2L * many_joins);
}

TEMPLATE_TEST_CASE("joins nest as deep as the stack allows", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  const int depth = TestType::pool().install([] {
    const auto descend = [](auto& self, int left) -> int {
      if (left == 0) return 0;
      const auto [a, b] = pinfold::join([&] { return self(self, left - 1); }, [] { return 1; });
      return a + b;
    };
    return descend(descend, deep);
  });
  CHECK(depth == deep);
}

TEMPLATE_TEST_CASE("a tree of joins comes to the right sum with any number of workers", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  for (int round = 0; round < 20; ++round) REQUIRE(TestType::pool().install([] { return fib(18); }) == 2584);
}
