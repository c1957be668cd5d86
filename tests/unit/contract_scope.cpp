// scope() and in_place_scope() in pools of every kind.
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/escapes.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "support/pools_at_run_time.hpp"

using namespace pinfold_test;
using pinfold::pool_ref;
using pinfold::pool_scope;

namespace {

#ifdef PINFOLD_TEST_SANITIZED
constexpr int many_siblings = 3'000;
#else
constexpr int many_siblings = 30'000;
#endif

}  // namespace

// --- with the scopes of each kind ---

TEMPLATE_TEST_CASE("a scope of any pool returns what its body returned, after every task has ended", "",
                   PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::vector<int> numbers(500, 1);
  std::atomic<int> in_pool = 0;
  const auto result = pool.scope([&](auto& scope) {
    CHECK(pool.contains_this_thread());
    for (int& each : numbers) {
      scope.spawn([&] {
        each += 1;
        in_pool += pool.contains_this_thread();
      });
    }
    return std::make_unique<int>(8);
  });
  CHECK(*result == 8);
  CHECK(in_pool == 500);
  CHECK(numbers == std::vector<int>(500, 2));
  CHECK(pool.is_idle());
  int number = 0;
  pool.scope([&](auto&) -> int& { return number; }) = 4;
  CHECK(number == 4);
}

TEMPLATE_TEST_CASE("an in-place scope of any pool runs its body on the caller and its tasks in the pool", "",
                   PINFOLD_TEST_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const auto here = std::this_thread::get_id();
  std::atomic<int> in_pool = 0;
  const int result = pool.in_place_scope([&](auto& scope) {
    CHECK(std::this_thread::get_id() == here);
    for (int i = 0; i < 100; ++i) {
      scope.spawn([&](auto& same) {
        in_pool += pool.contains_this_thread();
        same.spawn([&] { in_pool += pool.contains_this_thread(); });
      });
    }
    return 3;
  });
  CHECK(result == 3);
  CHECK(in_pool == 200);
  CHECK(pool.is_idle());
}

TEMPLATE_TEST_CASE("what a body or a task throws leaves the scope of any pool, after all tasks have run", "",
                   PINFOLD_TEST_POOLS) {
  escapes seen;
  const auto running = contract::topology.start(seen.options());
  auto& pool = TestType::pool();
  std::atomic<int> runs = 0;
  const auto from_body = [&](auto& scope) {
    for (int i = 0; i < 50; ++i) scope.spawn([&] { ++runs; });
    throw std::runtime_error("from the body");
  };
  const auto from_task = [&](auto& scope) {
    for (int i = 0; i < 50; ++i) {
      scope.spawn([&, i] {
        ++runs;
        if (i == 25) throw std::runtime_error("from a task");
      });
    }
  };
  CHECK(message_of<std::runtime_error>([&] { pool.scope(from_body); }) == "from the body");
  CHECK(message_of<std::runtime_error>([&] { pool.in_place_scope(from_body); }) == "from the body");
  CHECK(message_of<std::runtime_error>([&] { pool.scope(from_task); }) == "from a task");
  CHECK(message_of<std::runtime_error>([&] { pool.in_place_scope(from_task); }) == "from a task");
  CHECK(runs == 200);
  CHECK(seen.all().empty());
}

// --- through references, which use the same scope for all ---

TEST_CASE("on a pool of one thread the scope's last spawned task runs first") {
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_of_one_thread()) {
    INFO(pool.qualified_name());
    std::vector<int> seen;
    pool.scope([&](pool_scope& scope) {
      for (int i = 0; i < 3; ++i) {
        scope.spawn([&, i](pool_scope& same) {
          seen.push_back(i);
          same.spawn([&, i] { seen.push_back(10 + i); });
        });
      }
    });
    CHECK(seen == std::vector{2, 12, 1, 11, 0, 10});
  }
}

TEST_CASE("on a pool of one thread the exception that came first in time leaves the scope") {
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_of_one_thread()) {
    INFO(pool.qualified_name());
    CHECK(message_of<std::runtime_error>([&] {
            pool.scope([](pool_scope& scope) {
              scope.spawn([] { throw std::runtime_error("spawned first"); });
              scope.spawn([] { throw std::runtime_error("spawned last"); });
            });
          }) == "spawned last");
  }
}

TEST_CASE("tasks of a scope run on several threads of the pool at once, those of its waiting body included") {
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    if (pool.size() < 2) continue;
    INFO(pool.qualified_name());
    for (int round = 0; round < 100; ++round) {
      held_gate both;
      std::atomic<int> inside = 0;
      const auto meet = [&] {
        if (++inside == 2) both.open();
        both.wait();
      };
      const auto two_meet = [&](pool_scope& scope) {
        scope.spawn(meet);
        scope.spawn(meet);
      };
      // A native worker shares what lies on its deque when it is asked and comes by, not while it blocks.
      if (round % 2 == 0 && pool.spec().kind != pinfold::pool_kind::native) {
        pool.scope(two_meet);
      } else {
        pool.in_place_scope(two_meet);
      }
    }
  }
}

TEST_CASE("scopes inside the many tasks of a scope take no more stack than they are deep") {
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    std::atomic<int> runs = 0;
    pool.scope([&](pool_scope& outer) {
      for (int i = 0; i < many_siblings; ++i) {
        outer.spawn([&] { pool.scope([&](pool_scope& inner) { inner.spawn([&] { ++runs; }); }); });
      }
    });
    CHECK(runs == many_siblings);
  }
}

TEST_CASE("scopes nest as deep as half of the stack and more") {
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    std::atomic<int> runs = 0;
    const auto nest = [&](auto& self, int depth) -> void {
      std::array<volatile char, 16'000> used{};
      used[0] = 1;
      if (depth == 0) return;
      pool.scope([&](pool_scope& scope) {
        scope.spawn([&] { ++runs; });
        self(self, depth - 1);
        scope.spawn([&] { ++runs; });
      });
    };
    pool.install([&] { nest(nest, 80); });  // of 2 MiB
    CHECK(runs == 160);
  }
}

TEST_CASE("a scope deep in the stack runs its own tasks where nobody else can, whatever has run in between") {
  const auto running = contract::topology.start();
  const auto deep = [](auto& self, int depth, const auto& f) -> void {
    std::array<volatile char, 16'000> used{};
    used[0] = 1;
    if (depth == 0) return f();
    self(self, depth - 1, f);
    used[1] = 1;
  };
  for (const pool_ref pool : pools_at_run_time()) {
    if (pool.size() != 2 || pool.spec().kind == pinfold::pool_kind::asio) continue;
    INFO(pool.qualified_name());
    held_gate other;
    pool.post([&] { other.wait(); });
    other.wait_for_arrivals(1);
    std::atomic<bool> older_ran = false;
    bool ran = false;
    pool.scope([&](pool_scope& outer) {
      outer.spawn([&] { older_ran = true; });
      outer.spawn([&] {
        // This wait runs the older task; what is spawned from now on lies where that lay.
        contract::native_pools::one.install([&] {
          while (!older_ran) std::this_thread::yield();
        });
        deep(deep, 80, [&] { pool.scope([&](pool_scope& inner) { inner.spawn([&] { ran = true; }); }); });
      });
    });
    other.open();
    CHECK(ran);
    running.wait_idle();
  }
}

TEST_CASE("a long chain of tasks that spawn each other needs no stack, in pools of every kind") {
  const auto running = contract::topology.start();
  struct link {
    int* runs;
    int left;
    void operator()(pool_scope& scope) const {
      ++*runs;
      if (left > 1) scope.spawn(link{runs, left - 1});
    }
  };
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    int runs = 0;
    pool.scope([&](pool_scope& scope) { scope.spawn(link{&runs, many_siblings}); });
    CHECK(runs == many_siblings);
  }
}

TEST_CASE("tasks of a scope may be move-only and larger than a slot, and each is destroyed before the scope ends") {
  const auto running = contract::topology.start();
  auto held = std::make_shared<int>(1);
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    std::atomic<int> sum = 0;
    pool.in_place_scope([&](pool_scope& scope) {
      for (int i = 0; i < 100; ++i) {
        scope.spawn([held, only = std::make_unique<int>(1), &sum] { sum += *only; });
        scope.spawn([held, numbers = std::array<int, 100>{1}, &sum] { sum += numbers[0]; });
      }
    });
    CHECK(held.use_count() == 1);
    CHECK(sum == 200);
  }
}

TEST_CASE("a cancelled scope drops the tasks that have not begun, in pools of every kind") {
  const auto running = contract::topology.start();
  auto held = std::make_shared<int>();
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    std::atomic<int> runs = 0;
    pool.scope([&](pool_scope& scope) {
      CHECK_FALSE(scope.is_cancelled());
      scope.cancel();
      CHECK(scope.is_cancelled());
      CHECK(scope.token().is_cancelled());
      for (int i = 0; i < 100; ++i) scope.spawn([held, &runs] { ++runs; });
    });
    CHECK(runs == 0);
    CHECK(held.use_count() == 1);
  }
}

TEST_CASE("tasks in one pool spawn in the scope of another one, and back") {
  const auto running = contract::topology.start();
  for (const pool_ref left : pools_at_run_time()) {
    for (const pool_ref right : pools_at_run_time()) {
      INFO(left.qualified_name() << " and " << right.qualified_name());
      std::atomic<int> in_place = 0;
      left.in_place_scope([&](pool_scope& on_left) {
        right.in_place_scope([&](pool_scope& on_right) {
          for (int i = 0; i < 10; ++i) {
            on_right.spawn([&] {
              on_left.spawn([&] {
                in_place += left.contains_this_thread();
                on_left.spawn([&] { in_place += left.contains_this_thread(); });
              });
            });
          }
        });
      });
      CHECK(in_place == 20);
    }
  }
}

TEST_CASE("scopes of pools of one thread that wait for each other end") {
  const auto running = contract::topology.start();
  for (const pool_ref left : pools_of_one_thread()) {
    for (const pool_ref right : pools_of_one_thread()) {
      if (left.spec().kind == pinfold::pool_kind::asio || right.spec().kind == pinfold::pool_kind::asio) continue;
      INFO(left.qualified_name() << " and " << right.qualified_name());
      std::atomic<int> runs = 0;
      const auto bounce = [&](auto& self, const pool_ref& here, const pool_ref& there, int depth) -> void {
        here.scope([&](pool_scope& scope) {
          for (int i = 0; i < 2; ++i) {
            scope.spawn([&] {
              ++runs;
              if (depth > 0) self(self, there, here, depth - 1);
            });
          }
        });
      };
      left.post([&] { bounce(bounce, right, left, 6); });
      right.post([&] { bounce(bounce, left, right, 6); });
      running.wait_idle();
      CHECK(runs == 2 * 254);
    }
  }
}

TEST_CASE("a scope of another pool is refused on a thread of an asio pool, one of its own is not") {
  const auto running = contract::topology.start();
  const pool_ref net = contract::asio_pools::one;
  for (const pool_ref pool : pools_at_run_time()) {
    if (pool == net) continue;
    const std::string name = pool.qualified_name();
    const auto body = [](pool_scope&) { FAIL("the body runs"); };
    CHECK(contains(net.install([&] { return message_of<pinfold::would_block>([&] { pool.scope(body); }); }),
                   name + ".scope() would stall asio.one"));
    CHECK(contains(net.install([&] { return message_of<pinfold::would_block>([&] { pool.in_place_scope(body); }); }),
                   name + ".in_place_scope() would stall asio.one"));
  }
  std::atomic<int> runs = 0;
  net.install([&] {
    net.in_place_scope([&](pool_scope& scope) {
      for (int i = 0; i < 10; ++i) scope.spawn([&] { ++runs; });
    });
    CHECK(runs == 10);
  });
}

TEST_CASE("several outsiders have scopes in one pool at once, of every kind") {
  const auto running = contract::topology.start();
  for (const pool_ref pool : pools_at_run_time()) {
    INFO(pool.qualified_name());
    std::atomic<int> wrong = 0;
    {
      std::array<std::jthread, 3> outsiders;
      for (std::jthread& each : outsiders) {
        each = std::jthread([&] {
          for (int round = 0; round < 100; ++round) {
            std::atomic<int> runs = 0;
            const auto ten = [&](pool_scope& scope) {
              for (int task = 0; task < 10; ++task) scope.spawn([&] { ++runs; });
            };
            if (round % 2 == 0) {
              pool.scope(ten);
            } else {
              pool.in_place_scope(ten);
            }
            wrong += runs != 10;
          }
        });
      }
    }
    CHECK(wrong == 0);
  }
}
