// A forked function, kept by its worker or stolen by another one: what comes out of its join, and who destroys what.
#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/escapes.hpp"
#include "theft.hpp"

using namespace pinfold_test;

namespace {

/// Copies and moves of one that are alive, and calls.
struct census {
  std::atomic<int> alive = 0;
  std::atomic<int> calls = 0;
};

class counted {
 public:
  explicit counted(census& all, std::atomic<bool>& begun) : all_(&all), begun_(&begun) { ++all_->alive; }
  counted(counted&& other) noexcept : all_(other.all_), begun_(other.begun_) { ++all_->alive; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;
  ~counted() { --all_->alive; }

  counted operator()() && {
    *begun_ = true;
    ++all_->calls;
    return counted(*all_, *begun_);
  }

 private:
  census* all_;
  std::atomic<bool>* begun_;
};

struct alignas(64) aligned_number {
  long value;
};

struct movable_number {
  explicit movable_number(int number) : value(number) {}
  movable_number(movable_number&&) = default;
  movable_number(const movable_number&) = delete;
  movable_number& operator=(const movable_number&) = delete;
  ~movable_number() = default;

  int value;
};
static_assert(std::is_trivially_copyable_v<movable_number>);

int seven() { return 7; }

}  // namespace

TEMPLATE_TEST_CASE("a fork's join returns its value", "", kept, stolen) {
  const auto running = crews::topology.start();
  const int value = TestType::pool().install([] {
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork([&begun] {
      begun = true;
      return 42;
    });
    TestType::settle(begun);
    return forked.join();
  });
  CHECK(value == 42);
}

TEMPLATE_TEST_CASE("a fork may return nothing, or a reference", "", kept, stolen) {
  const auto running = crews::topology.start();
  int number = 1;
  TestType::pool().install([&] {
    std::atomic<bool> begun = false;
    auto nothing = pinfold::fork([&] {
      begun = true;
      number = 2;
    });
    TestType::settle(begun);
    static_assert(std::is_void_v<decltype(nothing.join())>);
    nothing.join();

    begun = false;
    auto reference = pinfold::fork([&]() -> int& {
      begun = true;
      return number;
    });
    TestType::settle(begun);
    static_assert(std::is_same_v<decltype(reference.join()), int&>);
    reference.join() += 3;
  });
  CHECK(number == 5);
}

TEMPLATE_TEST_CASE("a fork's closure and its result may be move-only", "", kept, stolen) {
  const auto running = crews::topology.start();
  const int value = TestType::pool().install([] {
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork([&begun, number = std::make_unique<int>(6)]() mutable {
      begun = true;
      return std::move(number);
    });
    TestType::settle(begun);
    return *forked.join();
  });
  CHECK(value == 6);
}

TEMPLATE_TEST_CASE("a closure of plain bytes may be move-only", "", kept, stolen) {
  const auto running = crews::topology.start();
  const int value = TestType::pool().install([] {
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork([&begun, number = movable_number(8)] {
      begun = true;
      return number.value;
    });
    TestType::settle(begun);
    return forked.join();
  });
  CHECK(value == 8);
}

TEMPLATE_TEST_CASE("a fork's closure and its result may be larger than a slot", "", kept, stolen) {
  const auto running = crews::topology.start();
  std::array<long, 40> numbers{};
  numbers.back() = 11;
  const auto result = TestType::pool().install([&] {
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork([&begun, numbers] {
      begun = true;
      return numbers;
    });
    TestType::settle(begun);
    return forked.join();
  });
  CHECK(result == numbers);
}

TEMPLATE_TEST_CASE("a small closure may have a result that is larger than a slot", "", kept, stolen) {
  const auto running = crews::topology.start();
  const auto result = TestType::pool().install([&] {
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork([&begun] {
      begun = true;
      std::array<int, 100> numbers{};
      numbers.back() = 12;
      return numbers;
    });
    TestType::settle(begun);
    return forked.join();
  });
  CHECK(result.back() == 12);
}

TEMPLATE_TEST_CASE("a closure and a result that need a larger alignment than a slot's get it", "", kept, stolen) {
  const auto running = crews::topology.start();
  const long value = TestType::pool().install([] {
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork([&begun, number = aligned_number{13}] {
      begun = true;
      return aligned_number{reinterpret_cast<std::uintptr_t>(&number) % 64 == 0 ? number.value : 0};
    });
    TestType::settle(begun);
    const aligned_number result = forked.join();
    return reinterpret_cast<std::uintptr_t>(&result) % 64 == 0 ? result.value : 0;
  });
  CHECK(value == 13);
}

TEMPLATE_TEST_CASE("a closure that is called once is destroyed as often as it was made", "", kept, stolen) {
  const auto running = crews::topology.start();
  census all;
  TestType::pool().install([&] {
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork(counted(all, begun));
    TestType::settle(begun);
    const counted result = forked.join();
  });
  CHECK(all.calls == 1);
  CHECK(all.alive == 0);
}

TEMPLATE_TEST_CASE("what an abandoned fork returns is destroyed", "", kept, stolen) {
  const auto running = crews::topology.start();
  census all;
  TestType::pool().install([&] {
    std::atomic<bool> begun = false;
    const auto forked = pinfold::fork(counted(all, begun));
    TestType::settle(begun);
  });
  CHECK(all.calls == 1);
  CHECK(all.alive == 0);
}

TEMPLATE_TEST_CASE("what a forked function throws comes out of its join", "", kept, stolen) {
  const auto running = crews::topology.start();
  const std::string message = TestType::pool().install([] {
    std::atomic<bool> begun = false;
    auto forked = pinfold::fork([&begun]() -> int {
      begun = true;
      throw std::runtime_error("from the fork");
    });
    TestType::settle(begun);
    return message_of<std::runtime_error>([&] { forked.join(); });
  });
  CHECK(message == "from the fork");
}

TEMPLATE_TEST_CASE("an exception between fork and join leaves after the fork has ended, whose own one is dropped", "",
                   kept, stolen) {
  escapes seen;
  const auto running = crews::topology.start(seen.options());
  bool ended = false;
  const std::string message = TestType::pool().install([&] {
    return message_of<std::runtime_error>([&] {
      std::atomic<bool> begun = false;
      const auto forked = pinfold::fork([&] {
        begun = true;
        ended = true;
        throw std::runtime_error("from the fork");
      });
      TestType::settle(begun);
      throw std::runtime_error("from between");
    });
  });
  CHECK(message == "from between");
  CHECK(ended);
  CHECK(seen.all().empty());
}

TEMPLATE_TEST_CASE("an abandoned fork is completed and its exception goes to the handler", "", kept, stolen) {
  escapes seen;
  const auto running = crews::topology.start(seen.options());
  auto& pool = TestType::pool();
  bool ended = false;
  pool.install([&] {
    std::atomic<bool> begun = false;
    {
      const auto forked = pinfold::fork([&] {
        begun = true;
        ended = true;
        throw std::runtime_error("nobody joins");
      });
      TestType::settle(begun);
    }
    CHECK(ended);
  });
  REQUIRE(seen.all().size() == 1);
  CHECK(seen.all()[0].message == "nobody joins");
  CHECK(seen.all()[0].pool == "native." + std::string(pool.spec.name));
}

TEMPLATE_TEST_CASE("an exception passes through nested forks and each of them ends", "", kept, stolen) {
  const auto running = crews::topology.start();
  std::atomic<int> ended = 0;
  const std::string message = TestType::pool().install([&] {
    const auto nest = [&](auto& self, int depth) -> int {
      if (depth == 0) throw std::runtime_error("from the depth");
      std::atomic<bool> begun = false;
      auto other = pinfold::fork([&] {
        begun = true;
        ++ended;
      });
      TestType::settle(begun);
      auto inner = pinfold::fork([&self, depth] { return self(self, depth - 1); });
      return inner.join();
    };
    return message_of<std::runtime_error>([&] { nest(nest, 30); });
  });
  CHECK(message == "from the depth");
  CHECK(ended == 30);
}

TEST_CASE("a fork that nobody takes runs in its join, on the same thread") {
  const auto running = crews::topology.start();
  crews::native_pools::one.install([] {
    bool ran = false;
    const auto here = std::this_thread::get_id();
    auto forked = pinfold::fork([&] {
      ran = true;
      return std::this_thread::get_id();
    });
    CHECK_FALSE(ran);
    CHECK(forked.join() == here);
  });
}

TEST_CASE("a fork that is stolen runs on another thread, and its join returns on the one that forked") {
  const auto running = crews::topology.start();
  crews::native_pools::two.install([] {
    std::atomic<bool> begun = false;
    const auto here = std::this_thread::get_id();
    auto forked = pinfold::fork([&] {
      begun = true;
      return std::this_thread::get_id();
    });
    stolen::settle(begun);
    CHECK(forked.join() != here);
    CHECK(std::this_thread::get_id() == here);
  });
}

TEST_CASE("a plain function can be forked") {
  const auto running = crews::topology.start();
  CHECK(crews::native_pools::one.install([] { return pinfold::fork(seven).join() + pinfold::fork(&seven).join(); }) ==
        14);
}

TEST_CASE("a mutable closure's state is its own: the fork has a copy") {
  const auto running = crews::topology.start();
  crews::native_pools::one.install([] {
    auto count = [calls = 0]() mutable { return ++calls; };
    CHECK(pinfold::fork(count).join() == 1);
    CHECK(pinfold::fork(count).join() == 1);
    CHECK(count() == 1);
  });
}

TEMPLATE_TEST_CASE("a row of forks is joined in reverse order, whoever runs them", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  TestType::pool().install([] {
    for (int round = 0; round < 200; ++round) {
      auto a = pinfold::fork([round] { return round; });
      auto b = pinfold::fork([text = std::to_string(round)] { return text; });
      auto c = pinfold::fork([round] { return round * 2L; });
      auto d = pinfold::fork([round] { return std::vector<int>(3, round); });
      REQUIRE(d.join() == std::vector<int>(3, round));
      REQUIRE(c.join() == round * 2L);
      REQUIRE(b.join() == std::to_string(round));
      REQUIRE(a.join() == round);
    }
  });
}
