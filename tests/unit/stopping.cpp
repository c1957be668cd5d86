// Stopping: what waits for I/O is abandoned, nobody's destructor is refused, and several may stop at once.
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <reactors/topology.hpp>
#include <stop_token>
#include <thread>
#include <utility>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/eventually.hpp"
#include "support/held_gate.hpp"

#ifdef PINFOLD_TEST_TBB
#include <oneapi/tbb/parallel_for.h>
#endif

using namespace pinfold_test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

// Counts, from inside a coroutine, that its frame has gone.
struct farewell {
  std::atomic<int>* count;
  explicit farewell(std::atomic<int>& count) : count(&count) {}
  farewell(farewell&& other) noexcept : count(std::exchange(other.count, nullptr)) {}
  ~farewell() {
    if (count != nullptr) ++*count;
  }
};

asio::awaitable<void> wait_in(asio::io_context& context, std::chrono::milliseconds time, farewell, bool& resumed) {
  asio::steady_timer timer(context, time);
  co_await timer.async_wait(asio::use_awaitable);
  resumed = true;
}

}  // namespace

TEST_CASE("stop destroys coroutines that wait for I/O and resumes none") {
  std::atomic<int> gone = 0;
  bool resumed = false;
  {
    const auto running = contract::topology.start();
    auto& pool = contract::asio_pools::one;
    asio::co_spawn(pool, wait_in(pool.context(), 1h, farewell(gone), resumed), asio::detached);
    pool.wait_idle();
  }
  CHECK(gone == 1);
  CHECK_FALSE(resumed);
}

TEST_CASE("a coroutine whose timer in another pool fires while the topology drains is abandoned") {
  std::atomic<int> gone = 0;
  bool resumed = false;
  held_gate gate;
  auto running = contract::topology.start();
  auto& pool = contract::asio_pools::one;
  contract::native_pools::one.post([&] { gate.wait(); });  // keeps the drain going
  asio::co_spawn(pool, wait_in(contract::asio_pools::two.context(), 20ms, farewell(gone), resumed), asio::detached);
  pool.wait_idle();
  running.request_stop();
  std::this_thread::sleep_for(60ms);  // the timer fires meanwhile; where it does not, the case is the one above
  gate.open();
  running.stop();
  CHECK(gone == 1);
  CHECK_FALSE(resumed);
}

TEMPLATE_TEST_CASE("co_spawn onto a pool that does not run throws", "", PINFOLD_TEST_POOLS) {
  std::atomic<int> gone = 0;
  const auto body = [](farewell) -> asio::awaitable<void> { co_return; };
  CHECK_THROWS_AS(asio::co_spawn(TestType::pool().get_executor(), body(farewell(gone)), asio::detached),
                  pinfold::pool_stopped);
  CHECK(gone == 1);
}

TEST_CASE("a blocking call that the pool does not take completes with pool_stopped") {
  asio::io_context own;
  bool refused = false;
  const auto body = [&]() -> asio::awaitable<void> {
    try {
      co_await reactors::asio_pools::files.async_blocking([] { return 1; }, asio::use_awaitable);
    } catch (const pinfold::pool_stopped&) {
      refused = true;
    }
  };
  asio::co_spawn(own, body(), asio::detached);
  own.run();
  CHECK(refused);
}

TEST_CASE("two threads may stop a topology at once, and both return when it has stopped") {
  for (int round = 0; round < 20; ++round) {
    auto running = contract::topology.start();
    std::atomic<int> runs = 0;
    for (int i = 0; i < 200; ++i) contract::native_pools::two.post([&] { ++runs; });
    const auto stop = [&] {
      running.stop();
      CHECK(runs == 200);
    };
    std::jthread other(stop);
    stop();
  }
}

TEST_CASE("what the start options have captured may ask the topology as it goes") {
  struct asks {
    ~asks() { (void)contract::topology.is_running(); }
  };
  std::atomic<int> exits = 0;
  {
    pinfold::start_options options;
    options.on_thread_exit = [kept = std::make_shared<asks>(), &exits](const pinfold::pool_thread_info&) { ++exits; };
    contract::topology.start(std::move(options)).stop();
  }
  CHECK(exits != 0);
}

TEST_CASE("the handle of an earlier run stops nothing") {
  auto first = contract::topology.start();
  first.stop();
  const auto second = contract::topology.start();
  first.request_stop();
  first.stop();
  CHECK(contract::native_pools::one.install([] { return 7; }) == 7);
}

TEST_CASE("a stop callback of a managed thread may ask its pool") {
  std::size_t seen = 0;
  {
    const auto running = contract::topology.start();
    auto& pool = contract::native_pools::two;
    auto thread = pool.spawn_thread("asked", [&](const std::stop_token& stop) {
      const std::stop_callback callback(stop, [&] { seen = pool.managed_threads(); });
      while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
    });
    std::jthread stopper([&] { const_cast<pinfold::running_topology&>(running).stop(); });
    stopper.join();
  }
  CHECK(seen == 1);
}

TEST_CASE("a managed thread that waits for work of its worker is joined from that worker") {
  const auto running = contract::topology.start();
  auto& pool = contract::native_pools::two;
  const auto sum = pool.install([&] {
    auto a = pool.spawn_thread("a", [&] { return pool.install([] { return 1; }); });
    auto b = pool.spawn_thread("b", [&] { return pool.install([] { return 2; }); });
    return a.join() + b.join();
  });
  CHECK(sum == 3);
}

TEST_CASE("a managed thread that joins itself is refused with a reason") {
  const auto running = contract::topology.start();
  std::optional<pinfold::managed_thread<void>> handle;
  held_gate gate;
  std::string message;
  std::atomic<bool> tried = false;
  handle.emplace(contract::native_pools::two.spawn_thread("narcissus", [&] {
    gate.wait();
    try {
      handle->join();
    } catch (const pinfold::would_block& error) {
      message = error.what();
    }
    tried = true;
  }));
  gate.open();
  REQUIRE(eventually([&] { return tried.load(); }));
  handle->join();
  CHECK(message ==
        "managed thread 'narcissus' of native.two joins itself, which could never end: join it from another "
        "thread");
}

TEST_CASE("a backlog of tasks that wait for another pool does not overflow a stack") {
  const auto running = contract::topology.start();
  std::atomic<int> runs = 0;
  const auto backlog = [&](auto& pool) {
    for (int i = 0; i < 5'000; ++i) pool.post([&] { contract::native_pools::two.install([&] { ++runs; }); });
    pool.wait_idle();
  };
  backlog(contract::native_pools::one);
  CHECK(runs == 5'000);
#ifdef PINFOLD_TEST_TBB
  backlog(contract::tbb_pools::one);
  CHECK(runs == 10'000);
#endif
}

#ifdef PINFOLD_TEST_TBB
TEST_CASE("parallel work of an accepted task may submit while the topology drains, whatever worker runs it") {
  auto running = contract::topology.start();
  held_gate gate;
  std::atomic<int> runs = 0;
  contract::tbb_pools::two.post([&] {
    gate.wait();
    tbb::parallel_for(0, 500, [&](int) { contract::native_pools::one.post([&] { ++runs; }); });
  });
  gate.wait_for_arrivals(1);
  running.request_stop();
  gate.open();
  running.stop();
  CHECK(runs == 500);
}
#endif
