// Scopes in one pool: order, exceptions, cancellation, borrowing.
#include <algorithm>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"
#include "support/escapes.hpp"
#include "theft.hpp"

using namespace pinfold_test;
using pinfold::task_scope;
using pinfold::task_scope_fifo;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int long_chain = 100'000;
#else
constexpr int long_chain = 1'000'000;
#endif

using order = std::vector<int>;

}  // namespace

TEST_CASE("on one worker a scope's last spawned task runs first") {
  const auto running = crews::topology.start();
  order seen;
  crews::native_pools::one.scope([&](task_scope& scope) {
    for (int i = 0; i < 10; ++i) scope.spawn([&, i] { seen.push_back(i); });
  });
  CHECK(seen == order{9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
}

TEST_CASE("on one worker a fifo scope's first spawned task runs first") {
  const auto running = crews::topology.start();
  order seen;
  crews::native_pools::one.scope_fifo([&](task_scope_fifo& scope) {
    for (int i = 0; i < 10; ++i) scope.spawn([&, i] { seen.push_back(i); });
  });
  CHECK(seen == order{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("a fifo scope inside a lifo scope keeps its order, and the tasks around it keep theirs") {
  const auto running = crews::topology.start();
  order seen;
  crews::native_pools::one.scope([&](task_scope& outer) {
    for (int i = 0; i < 3; ++i) outer.spawn([&, i] { seen.push_back(i); });
    pinfold::scope_fifo([&](task_scope_fifo& inner) {
      for (int i = 10; i < 13; ++i) inner.spawn([&, i] { seen.push_back(i); });
    });
    outer.spawn([&] { seen.push_back(3); });
  });
  CHECK(seen == order{10, 11, 12, 3, 2, 1, 0});
}

TEST_CASE("a lifo scope inside a fifo scope keeps its order, and the tasks around it keep theirs") {
  const auto running = crews::topology.start();
  order seen;
  crews::native_pools::one.scope_fifo([&](task_scope_fifo& outer) {
    for (int i = 0; i < 3; ++i) outer.spawn([&, i] { seen.push_back(i); });
    pinfold::scope([&](task_scope& inner) {
      for (int i = 10; i < 13; ++i) inner.spawn([&, i] { seen.push_back(i); });
    });
    outer.spawn([&] { seen.push_back(3); });
  });
  CHECK(seen == order{12, 11, 10, 0, 1, 2, 3});
}

TEST_CASE("a fifo scope inside a fifo scope runs its own tasks, not the older ones around it") {
  const auto running = crews::topology.start();
  order seen;
  crews::native_pools::one.scope_fifo([&](task_scope_fifo& outer) {
    for (int i = 0; i < 3; ++i) outer.spawn([&, i] { seen.push_back(i); });
    pinfold::scope_fifo([&](task_scope_fifo& inner) {
      for (int i = 10; i < 13; ++i) inner.spawn([&, i] { seen.push_back(i); });
    });
    CHECK(seen == order{10, 11, 12});
    outer.spawn([&] { seen.push_back(3); });
  });
  CHECK(seen == order{10, 11, 12, 0, 1, 2, 3});
}

TEST_CASE("two fifo scopes whose spawns alternate keep each its own order") {
  const auto running = crews::topology.start();
  order seen;
  crews::native_pools::one.scope_fifo([&](task_scope_fifo& outer) {
    pinfold::scope_fifo([&](task_scope_fifo& inner) {
      for (int i = 0; i < 4; ++i) {
        outer.spawn([&, i] { seen.push_back(i); });
        inner.spawn([&, i] { seen.push_back(10 + i); });
      }
    });
  });
  order of_outer;
  order of_inner;
  for (const int each : seen) (each < 10 ? of_outer : of_inner).push_back(each);
  CHECK(of_outer == order{0, 1, 2, 3});
  CHECK(of_inner == order{10, 11, 12, 13});
}

TEST_CASE("spawned tasks may spawn more, in the same order as Rayon's") {
  const auto running = crews::topology.start();
  order lifo;
  crews::native_pools::one.scope([&](task_scope& scope) {
    for (int i = 0; i < 3; ++i) {
      scope.spawn([&, i](task_scope& same) {
        lifo.push_back(i);
        same.spawn([&, i] { lifo.push_back(10 + i); });
      });
    }
  });
  CHECK(lifo == order{2, 12, 1, 11, 0, 10});

  order fifo;
  crews::native_pools::one.scope_fifo([&](task_scope_fifo& scope) {
    for (int i = 0; i < 3; ++i) {
      scope.spawn([&, i](task_scope_fifo& same) {
        fifo.push_back(i);
        same.spawn([&, i] { fifo.push_back(10 + i); });
      });
    }
  });
  CHECK(std::is_sorted(fifo.begin(), std::find(fifo.begin(), fifo.end(), 10)));
  CHECK(fifo.size() == 6);
}

TEMPLATE_TEST_CASE("a scope returns what its body returned, after every task has ended", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  const auto result = pool.scope([&](task_scope& scope) {
    for (int i = 0; i < 1'000; ++i) scope.spawn([&] { ++runs; });
    return std::make_unique<int>(8);
  });
  CHECK(*result == 8);
  CHECK(runs == 1'000);

  int number = 0;
  int& reference = pool.install([&]() -> int& { return pinfold::scope([&](task_scope&) -> int& { return number; }); });
  reference = 4;
  CHECK(number == 4);
}

TEMPLATE_TEST_CASE("a scope without tasks ends", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  TestType::pool().scope([](task_scope&) {});
  CHECK(TestType::pool().scope_fifo([](task_scope_fifo&) { return 1; }) == 1);
}

TEMPLATE_TEST_CASE("tasks borrow and change what outlives the scope", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::vector<int> numbers(500, 1);
  TestType::pool().scope([&](task_scope& scope) {
    for (int& each : numbers) scope.spawn([&each] { each += 1; });
  });
  CHECK(std::count(numbers.begin(), numbers.end(), 2) == 500);
}

TEMPLATE_TEST_CASE("a tree of tasks spawned in one scope runs completely", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  const auto grow = [&](auto& self, task_scope& scope, int depth) -> void {
    ++runs;
    if (depth == 0) return;
    for (int child = 0; child < 2; ++child) {
      scope.spawn([&self, depth](task_scope& same) { self(self, same, depth - 1); });
    }
  };
  for (int round = 0; round < 10; ++round) TestType::pool().scope([&](task_scope& scope) { grow(grow, scope, 9); });
  CHECK(runs == 10 * 1023);
}

TEMPLATE_TEST_CASE("a long chain of tasks that spawn each other needs no stack", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  int runs = 0;
  struct link {
    int* runs;
    int left;
    void operator()(task_scope& scope) const {
      ++*runs;
      if (left > 1) scope.spawn(link{runs, left - 1});
    }
  };
  TestType::pool().scope([&](task_scope& scope) { scope.spawn(link{&runs, long_chain}); });
  CHECK(runs == long_chain);
}

TEMPLATE_TEST_CASE("tasks of a scope may be move-only and larger than a slot, and each is destroyed", "",
                   PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto held = std::make_shared<int>(1);
  std::atomic<int> sum = 0;
  const auto spawn_all = [&](auto& scope) {
    for (int i = 0; i < 100; ++i) {
      scope.spawn([held, only = std::make_unique<int>(1), &sum] { sum += *only; });
      scope.spawn([held, numbers = std::array<int, 100>{1}, &sum] { sum += numbers[0]; });
    }
  };
  TestType::pool().scope([&](task_scope& scope) { spawn_all(scope); });
  CHECK(held.use_count() == 1);
  TestType::pool().scope_fifo([&](task_scope_fifo& scope) { spawn_all(scope); });
  CHECK(held.use_count() == 1);
  TestType::pool().in_place_scope([&](task_scope& scope) { spawn_all(scope); });
  CHECK(held.use_count() == 1);
  CHECK(sum == 600);
}

TEMPLATE_TEST_CASE("what a scope's body throws leaves the scope, after every task has ended", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  CHECK(message_of<std::runtime_error>([&] {
          TestType::pool().scope([&](task_scope& scope) {
            for (int i = 0; i < 100; ++i) scope.spawn([&] { ++runs; });
            throw std::runtime_error("from the body");
          });
        }) == "from the body");
  CHECK(runs == 100);
}

TEMPLATE_TEST_CASE("what one task throws leaves the scope, and all others run", "", PINFOLD_TEST_CREWS) {
  escapes seen;
  const auto running = crews::topology.start(seen.options());
  std::atomic<int> runs = 0;
  CHECK(message_of<std::runtime_error>([&] {
          TestType::pool().scope_fifo([&](task_scope_fifo& scope) {
            for (int i = 0; i < 100; ++i) {
              scope.spawn([&, i] {
                ++runs;
                if (i == 50) throw std::runtime_error("from a task");
              });
            }
          });
        }) == "from a task");
  CHECK(runs == 100);
  CHECK(seen.all().empty());
}

TEMPLATE_TEST_CASE("when every task throws all run and one exception leaves the scope", "", PINFOLD_TEST_CREWS) {
  escapes seen;
  const auto running = crews::topology.start(seen.options());
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> runs = 0;
    REQUIRE(message_of<std::runtime_error>([&] {
              TestType::pool().scope([&](task_scope& scope) {
                for (int i = 0; i < 100; ++i) {
                  scope.spawn([&] {
                    ++runs;
                    throw std::runtime_error("each");
                  });
                }
              });
            }) == "each");
    REQUIRE(runs == 100);
  }
  CHECK(seen.all().empty());
}

TEST_CASE("on one worker the exception that came first in time leaves the scope") {
  const auto running = crews::topology.start();
  auto& pool = crews::native_pools::one;
  CHECK(message_of<std::runtime_error>([&] {
          pool.scope([](task_scope& scope) {
            scope.spawn([] { throw std::runtime_error("spawned first"); });
            scope.spawn([] { throw std::runtime_error("spawned last"); });
          });
        }) == "spawned last");
  CHECK(message_of<std::runtime_error>([&] {
          pool.scope([](task_scope& scope) {
            scope.spawn([] { throw std::runtime_error("from a task"); });
            throw std::runtime_error("from the body");
          });
        }) == "from the body");
}

TEMPLATE_TEST_CASE("a cancelled scope drops the tasks that have not begun", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  auto held = std::make_shared<int>();
  std::atomic<int> runs = 0;
  TestType::pool().scope([&](task_scope& scope) {
    CHECK_FALSE(scope.is_cancelled());
    scope.cancel();
    CHECK(scope.is_cancelled());
    CHECK(scope.token().is_cancelled());
    for (int i = 0; i < 100; ++i) scope.spawn([held, &runs] { ++runs; });
  });
  CHECK(runs == 0);
  CHECK(held.use_count() == 1);
}

TEST_CASE("a task may cancel its scope: on one worker those before it in the order have run") {
  const auto running = crews::topology.start();
  order seen;
  crews::native_pools::one.scope_fifo([&](task_scope_fifo& scope) {
    for (int i = 0; i < 10; ++i) {
      scope.spawn([&, i](task_scope_fifo& same) {
        seen.push_back(i);
        if (i == 4) same.cancel();
      });
    }
  });
  CHECK(seen == order{0, 1, 2, 3, 4});
}

TEMPLATE_TEST_CASE("a scope that is cancelled ends the loops that look at its token", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::atomic<long> runs = 0;
  TestType::pool().scope([&](task_scope& scope) {
    scope.spawn([&](task_scope& same) {
      pinfold::parallel_for(0L, 4'000'000'000L, {.token = same.token()}, [&](long) {
        if (++runs == 100) same.cancel();
      });
    });
  });
  CHECK(runs < 4'000'000'000L);
}

TEST_CASE("a scope ends only when tasks that a thief spawned in it have ended") {
  const auto running = crews::topology.start();
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> runs = 0;
    crews::native_pools::two.scope([&](task_scope& scope) {
      std::atomic<bool> begun = false;
      auto thief = pinfold::fork([&] {
        begun = true;
        for (int i = 0; i < 20; ++i) scope.spawn([&] { ++runs; });
      });
      stolen::settle(begun);
      thief.join();
    });
    REQUIRE(runs == 20);
  }
}

TEMPLATE_TEST_CASE("scopes, forks and loops nest in every order", "", PINFOLD_TEST_CREWS) {
  const auto running = crews::topology.start();
  std::atomic<int> runs = 0;
  TestType::pool().scope([&](task_scope& scope) {
    for (int i = 0; i < 20; ++i) {
      scope.spawn([&] {
        pinfold::join(
            [&] {
              pinfold::scope_fifo([&](task_scope_fifo& inner) {
                for (int j = 0; j < 10; ++j) inner.spawn([&] { ++runs; });
              });
            },
            [&] {
              pinfold::parallel_for(
                  0, 10, [&](int) { pinfold::scope([&](task_scope& inner) { inner.spawn([&] { ++runs; }); }); });
            });
      });
    }
  });
  CHECK(runs == 400);
}
