// The io_contexts of asio pools: who serves them, and what becomes of their I/O.
#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <reactors/topology.hpp>

#include "catch.hpp"

namespace asio = boost::asio;
using namespace reactors::asio_pools;

TEST_CASE("the threads of a shared pool serve one context") {
  const auto running = reactors::topology.start();

  asio::io_context* const context = &shared.context();
  for (asio::io_context* seen : shared.broadcast([] { return &shared.context(); })) CHECK(seen == context);
}

TEST_CASE("with a context for each thread every thread serves its own and no other") {
  const auto running = reactors::topology.start();
  CHECK(&apart.context(0) != &apart.context(1));

  const auto own = apart.broadcast([] { return &apart.context(); });
  for (std::size_t i = 0; i < own.size(); ++i) {
    CHECK(own[i] == &apart.context(i));
    for (int round = 0; round < 100; ++round) {
      const auto index = asio::use_future([] { return apart.this_thread_index(); });
      REQUIRE(asio::post(apart.context(i), index).get() == i);
      REQUIRE(asio::post(apart.get_executor(i), index).get() == i);
    }
  }
}

TEST_CASE("from outside the contexts of a pool are handed out in turn") {
  const auto running = reactors::topology.start();
  asio::io_context* const first = &apart.context();
  asio::io_context* const second = &apart.context();
  CHECK(first != second);
  CHECK(&apart.context() == first);
}

TEST_CASE("dispatch to another thread's context does not run in place") {
  const auto running = reactors::topology.start();
  std::atomic<int> in_place = 0;
  std::atomic<int> ran = 0;
  for (const std::size_t from : {0U, 1U}) {
    asio::post(apart.get_executor(from), [&, from] {
      bool returned = false;
      const auto here = std::this_thread::get_id();
      asio::dispatch(apart.get_executor(1 - from), [&, here] {
        in_place += std::this_thread::get_id() == here ? 1 : 0;
        ++ran;
      });
      asio::dispatch(apart.get_executor(from), [&] { returned = true; });
      in_place += returned ? 0 : 1;
    });
  }
  apart.wait_idle();
  CHECK(ran == 2);
  CHECK(in_place == 0);
}

TEST_CASE("timers and sockets of a context complete on its pool's threads") {
  const auto running = reactors::topology.start();
  const auto converse = []() -> asio::awaitable<std::string> {
    using socket = asio::local::stream_protocol::socket;
    socket near(shared.context());
    socket far(shared.context());
    asio::local::connect_pair(near, far);
    asio::steady_timer timer(shared.context(), std::chrono::microseconds(100));
    co_await timer.async_wait(asio::use_awaitable);
    co_await asio::async_write(near, asio::buffer("hello", 5), asio::use_awaitable);
    std::string received(5, ' ');
    co_await asio::async_read(far, asio::buffer(received), asio::use_awaitable);
    co_return shared.contains_this_thread() ? received : "on a foreign thread";
  };

  CHECK(asio::co_spawn(shared.get_executor(), converse(), asio::use_future).get() == "hello");
}

TEST_CASE("a pool stands where Asio takes an execution context") {
  const auto running = reactors::topology.start();
  const auto inside = []() -> asio::awaitable<bool> { co_return shared.contains_this_thread(); };
  CHECK(asio::co_spawn(shared, inside(), asio::use_future).get());
}

TEST_CASE("stop abandons pending I/O: its handlers are destroyed and not called") {
  auto running = reactors::topology.start();
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> watched = held;
  std::atomic<bool> called = false;
  auto timer = std::make_shared<asio::steady_timer>(shared.context(), std::chrono::hours(1));
  timer->async_wait([timer, held = std::move(held), &called](auto) { called = true; });
  timer.reset();

  CHECK(running.is_idle());
  running.stop();

  CHECK(watched.expired());
  CHECK_FALSE(called);
}

TEST_CASE("pools are stopped in reverse order of their declaration") {
  struct recorder {
    std::vector<std::string>* order;
    const char* name;
    recorder(std::vector<std::string>& order, const char* name) : order(&order), name(name) {}
    recorder(recorder&& other) noexcept : order(std::exchange(other.order, nullptr)), name(other.name) {}
    ~recorder() {
      if (order != nullptr) order->emplace_back(name);
    }
  };
  std::vector<std::string> order;
  auto running = reactors::topology.start();
  const auto pend = [&](auto& pool, const char* name) {
    auto timer = std::make_shared<asio::steady_timer>(pool.context(), std::chrono::hours(1));
    asio::steady_timer& pending = *timer;
    pending.async_wait([timer = std::move(timer), end = recorder(order, name)](auto) {});
  };
  pend(files, "files");
  pend(shared, "shared");
  pend(patient, "patient");
  pend(apart, "apart");
  running.stop();
  CHECK(order == std::vector<std::string>{"patient", "files", "apart", "shared"});
}

TEST_CASE("contexts of a pool that does not run are refused") {
  CHECK_THROWS_AS(shared.context(), pinfold::pool_stopped);
  CHECK_THROWS_AS(apart.context(1), pinfold::pool_stopped);
}
