// Fork and join where they cannot be: out of order, and on threads that are no workers.
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/child.hpp"
#include "support/messages.hpp"
#include "theft.hpp"

using namespace pinfold_test;

namespace {

/// Every free function of the native pool, by its name.
struct call {
  std::string name;
  std::function<void()> function;
};

const std::vector<call>& free_functions() {
  static const std::vector<call> all{
      {"fork", [] { pinfold::fork([] {}).join(); }},
      {"fork", [] { pinfold::fork([text = std::string("by address")] { return text; }).join(); }},
      {"fork", [] { pinfold::join([] {}, [] {}); }},
      {"parallel_for", [] { pinfold::parallel_for(0, 10, [](int) {}); }},
      {"parallel_for", [] { pinfold::parallel_for(0, 0, [](int) {}); }},
      {"parallel_reduce", [] { pinfold::parallel_reduce(0, 10, 0, [](int i) { return i; }, std::plus<>()); }},
      {"scope", [] { pinfold::scope([](pinfold::task_scope&) {}); }},
      {"scope_fifo", [] { pinfold::scope_fifo([](pinfold::task_scope_fifo&) {}); }},
      {"spawn", [] { pinfold::spawn([] {}); }},
      {"spawn_fifo", [] { pinfold::spawn_fifo([] {}); }},
      {"spawn_future", [] { pinfold::spawn_future([] {}).get(); }},
      {"yield_now", [] { pinfold::yield_now(); }},
      {"yield_local", [] { pinfold::yield_local(); }},
      {"has_pending_tasks", [] { static_cast<void>(pinfold::has_pending_tasks()); }},
      {"sync_all", [] { pinfold::sync_all(); }},
  };
  return all;
}

/// Names of those that did not throw what they should have.
std::string wrong_answers() {
  std::string wrong;
  for (const call& each : free_functions()) {
    const std::string message = message_of<pinfold::outside_pool>(each.function);
    if (!message.starts_with("pinfold::" + each.name +
                             "() was called on a thread that is no worker of a native pool")) {
      wrong += each.name + ": " + message + '\n';
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("every free function outside a pool throws outside_pool and says its name") {
  CHECK(wrong_answers() == "");
  const auto running = crews::topology.start();
  CHECK(wrong_answers() == "");
}

TEST_CASE("every free function throws outside_pool on an asio pool's thread") {
  const auto running = crews::topology.start();
  CHECK(crews::asio_pools::net.install(wrong_answers) == "");
}

TEST_CASE("every free function throws outside_pool on a managed thread of a native pool") {
  const auto running = crews::topology.start();
  CHECK(crews::native_pools::one.spawn_thread("managed", wrong_answers).join() == "");
}

#ifdef PINFOLD_TEST_TBB
TEST_CASE("every free function throws outside_pool on a tbb pool's thread") {
  const auto running = crews::topology.start();
  CHECK(crews::tbb_pools::arena.install(wrong_answers) == "");
}
#endif

TEST_CASE("every free function works in a pool where outside it throws") {
  const auto running = crews::topology.start();
  crews::native_pools::one.install([] {
    for (const call& each : free_functions()) each.function();
  });
  SUCCEED("none has thrown");
}

TEST_CASE("a fork outside a pool does not run its function") {
  bool ran = false;
  CHECK_THROWS_AS(pinfold::fork([&] { ran = true; }), pinfold::outside_pool);
  CHECK_FALSE(ran);
}

TEST_CASE("child: a fork is joined before a later one with a spawned task between them", "[.child]") {
  const auto running = crews::topology.start();
  crews::native_pools::one.install([] {
    auto first = pinfold::fork([] {});
    pinfold::spawn([] {});
    auto second = pinfold::fork([] {});
    first.join();
    second.join();
  });
}

TEST_CASE("child: a fork is joined before a later one while others ask for work", "[.child]") {
  const auto running = crews::topology.start();
  crews::native_pools::two.install([] {
    std::atomic<bool> begun = false;
    auto taken = pinfold::fork([&] { begun = true; });
    stolen::settle(begun);
    taken.join();
    auto first = pinfold::fork([] {});
    auto second = pinfold::fork([] {});
    first.join();
    second.join();
  });
}

TEST_CASE("a join out of order that a worker notices ends the process and names the pool") {
  for (const char* const pool_and_case :
       {"one: child: a fork is joined before a later one with a spawned task between them",
        "two: child: a fork is joined before a later one while others ask for work"}) {
    const std::string text = pool_and_case;
    const child_result child = run_case(text.substr(5));
    CHECK(child.signal == SIGABRT);
    CHECK(contains(child.output, "pinfold: a fork of native." + text.substr(0, 3) +
                                     " was joined before one that was forked after it; join in reverse order"));
  }
}
