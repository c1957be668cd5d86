// A checked build says who waits for a pool with a lock held.
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <checked/topology.hpp>
#include <pinfold/checked_mutex.hpp>

#include "catch.hpp"
#include "support/child.hpp"
#include "support/messages.hpp"
#include "warnings.hpp"

using namespace pinfold_test;
using pinfold::crossing_habit;

namespace {

auto& far = checked::native_pools::far;
auto& net = checked::asio_pools::net;

std::string at(int line) { return place_in(__FILE__, line); }

pinfold::checked_mutex orders("orders");
constinit pinfold::checked_mutex unnamed;
constexpr int unnamed_line = __LINE__ - 1;

struct waiter {
  std::string call;
  std::string place;
  std::function<void()> wait;
};

void ignore(const std::exception_ptr&) {}

boost::asio::awaitable<void> await_with_lock() {
  const std::lock_guard lock(orders);
  co_await far.async_invoke([] {});
}
constexpr int await_line = __LINE__ - 2;

}  // namespace

TEST_CASE("a lock that is held while its thread waits for a pool is told of with both places") {
  warnings seen;
  const auto running = checked::topology.start(seen.options());

  orders.lock();
  const int locked = __LINE__ - 1;
  far.install([] {});
  const int called = __LINE__ - 1;
  orders.unlock();

  const auto told = seen.take();
  REQUIRE(told.size() == 1);
  CHECK(told[0].habit == crossing_habit::lock_held);
  CHECK(told[0].place == at(called));
  CHECK(told[0].pool == "native.far");
  CHECK(told[0].lock == "checked_mutex 'orders' (locked at " + at(locked) + ")");
  CHECK(told[0].text == at(called) + " calls native.far.install() while checked_mutex 'orders' (locked at " +
                            at(locked) +
                            ") is held, which stays locked until the pool has done the work: unlock it first");
}

TEST_CASE("a lock that one of std's classes holds is known by its name, or by where it was made") {
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  {
    const std::lock_guard lock(orders);
    far.install([] {});
  }
  {
    const std::unique_lock lock(unnamed);
    far.install([] {});
  }
  {
    const std::scoped_lock lock(orders, unnamed);
    far.install([] {});
  }
  pinfold::checked_mutex local;
  const int local_line = __LINE__ - 1;
  {
    const std::unique_lock lock(local, std::try_to_lock);
    REQUIRE(lock.owns_lock());
    far.install([] {});
  }

  const auto told = seen.take();
  REQUIRE(told.size() == 4);
  CHECK(told[0].lock == "checked_mutex 'orders'");
  CHECK(told[1].lock == "the checked_mutex of " + at(unnamed_line));
  CHECK(told[3].lock == "the checked_mutex of " + at(local_line));
}

TEST_CASE("every call that waits for a pool looks at the locks") {
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  auto future = far.spawn_future([] {});
  auto awaited = far.spawn_future([] {});
  auto thread = far.spawn_thread("short", [] {});
  const std::vector<waiter> waiters{
      {"install", at(__LINE__), [] { far.install([] {}); }},
      {"broadcast", at(__LINE__), [] { far.broadcast([] {}); }},
      {"wait_idle", at(__LINE__), [] { far.wait_idle(); }},
      {"join", at(__LINE__), [] { far.join(); }},
      {"wait_idle", at(__LINE__), [] { pinfold::pool_ref(far).wait_idle(); }},
      {"join", at(__LINE__), [] { pinfold::pool_ref(far).join(); }},
      {"scope", at(__LINE__), [] { far.scope([](auto&) {}); }},
      {"scope_fifo", at(__LINE__), [] { far.scope_fifo([](auto&) {}); }},
      {"in_place_scope", at(__LINE__), [] { far.in_place_scope([](auto&) {}); }},
      {"in_place_scope_fifo", at(__LINE__), [] { far.in_place_scope_fifo([](auto&) {}); }},
      {"future::get", at(__LINE__), [&] { future.get(); }},
      {"future::async_get", at(__LINE__), [&] { awaited.async_get(ignore); }},
      {"managed_thread::join", at(__LINE__), [&] { thread.join(); }},
      {"async_invoke", at(__LINE__), [] { far.async_invoke([] {}, ignore); }},
      {"async_wait_idle", at(__LINE__), [] { far.wait_idle(ignore); }},
  };
  for (const waiter& each : waiters) {
    INFO(each.call);
    orders.lock();
    each.wait();
    orders.unlock();
    running.wait_idle();
    const auto told = seen.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].place == each.place);
    CHECK(contains(told[0].text, " calls native.far." + each.call + "() while checked_mutex 'orders'"));
  }
}

TEST_CASE("a lock that a coroutine holds over co_await is told of") {
  warnings seen;
  const auto running = checked::topology.start(seen.options());

  boost::asio::co_spawn(net.get_executor(), await_with_lock(), boost::asio::use_future).get();

  const auto told = seen.take();
  REQUIRE(told.size() == 1);
  CHECK(told[0].place == at(await_line));
  CHECK(told[0].lock == "checked_mutex 'orders'");
}

TEST_CASE("a blocking call of an asio pool looks at the locks") {
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  orders.lock();
  net.async_blocking([] {}, ignore);
  const int called = __LINE__ - 1;
  orders.unlock();
  const auto told = seen.take();
  REQUIRE(told.size() == 1);
  CHECK(told[0].place == at(called));
}

TEST_CASE("no lock is told of that is not held, or not by the caller, or at a call that waits for nobody") {
  warnings seen;
  const auto running = checked::topology.start(seen.options());

  orders.lock();
  far.post([] {});
  far.spawn([] {});
  CHECK(far.try_post([] {}));
  orders.unlock();
  far.install([] {});

  far.install([] {
    const std::lock_guard lock(orders);
    far.install([] {});  // a plain call
  });

  const std::unique_lock lock(orders);
  std::jthread([] { far.install([] {}); }).join();

  CHECK(seen.take().empty());
}

TEST_CASE("a wait for a condition does not hold the lock") {
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  std::condition_variable_any changed;
  std::atomic<bool> waits = false;
  bool ready = false;
  std::jthread waiting([&] {
    std::unique_lock lock(orders);
    waits = true;
    changed.wait(lock, [&] { return ready; });
  });
  while (!waits) std::this_thread::yield();
  {
    const std::lock_guard lock(orders);
    ready = true;
  }
  changed.notify_all();
  waiting.join();
  far.install([] {});
  CHECK(seen.take().empty());
}

TEST_CASE("a call is told of once a run, whatever it holds") {
  warnings seen;
  for (int run = 0; run < 2; ++run) {
    const auto running = checked::topology.start(seen.options());
    for (int i = 0; i < 10; ++i) {
      const std::lock_guard lock(i % 2 == 0 ? orders : unnamed);
      far.install([] {});
    }
    CHECK(seen.take().size() == 1);
  }
}

TEST_CASE("of several locks the last is told of, and locks may be let go in any order") {
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  orders.lock();
  unnamed.lock();
  orders.unlock();
  far.install([] {});
  unnamed.unlock();
  const auto told = seen.take();
  REQUIRE(told.size() == 1);
  CHECK(told[0].lock.starts_with("the checked_mutex of " + at(unnamed_line) + " (locked at "));
}

TEST_CASE("more locks than are watched can be held") {
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  std::vector<pinfold::checked_mutex> many(100);
  for (auto& each : many) each.lock();
  for (auto& each : many) each.unlock();
  far.install([] {});
  CHECK(seen.take().empty());
}

TEST_CASE("a lock that is unlocked on another thread is told of, and is not its locker's any more") {
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  std::promise<void> done;

  orders.lock();
  const int locked = __LINE__ - 1;
  int unlocked = 0;
  far.post([&] {
    orders.unlock();
    unlocked = __LINE__ - 1;
    done.set_value();
  });
  done.get_future().get();

  const auto told = seen.take();
  REQUIRE(told.size() == 1);
  CHECK(told[0].habit == crossing_habit::lock_moved);
  CHECK(told[0].place == at(unlocked));
  CHECK(told[0].pool.empty());
  CHECK(told[0].text == "checked_mutex 'orders' (locked at " + at(locked) + ") was unlocked on another thread, at " +
                            at(unlocked) + ": a coroutine that holds it went on elsewhere; unlock it before co_await");
  far.install([] {});
  CHECK(seen.take().empty());
  CHECK(orders.try_lock());
  orders.unlock();
}

TEST_CASE("child: unlocks on a thread of no pool", "[.child]") {
  orders.lock();
  std::jthread([] { orders.unlock(); }).join();
}

TEST_CASE("what happens on threads of no pool is printed") {
  CHECK(contains(run_case("child: unlocks on a thread of no pool").output,
                 "pinfold: checked_mutex 'orders' (locked at " + std::string(__FILE__)));
}

TEST_CASE("a checked_mutex excludes") {
  constexpr int turns = 20'000;
  long counted = 0;  // guarded by orders
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 3; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < turns; ++i) {
          if (i % 2 == 0) {
            const std::lock_guard lock(orders);
            ++counted;
          } else if (orders.try_lock()) {
            ++counted;
            orders.unlock();
          } else {
            ++refused;
          }
        }
      });
    }
  }
  CHECK(counted + refused == 3 * turns);
}

TEST_CASE("child: on_warning throws", "[.child]") {
  const auto running = checked::topology.start(
      {.on_warning = [](const pinfold::crossing_warning&) { throw std::runtime_error("from the handler"); }});
  const std::lock_guard lock(orders);
  far.install([] {});
}

TEST_CASE("a handler of warnings that throws ends the process, and is named") {
  const child_result child = run_case("child: on_warning throws");
  CHECK(child.signal == SIGABRT);
  CHECK(contains(child.output, "pinfold: start_options::on_warning must not throw, and did on thread "));
  CHECK(contains(child.output, ": from the handler\n"));
}
