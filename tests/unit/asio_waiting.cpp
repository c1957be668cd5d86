// Threads that serve I/O do not wait for other pools.
#include <atomic>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/require.hpp>
#include <functional>
#include <string>

#include <reactors/topology.hpp>

#include "catch.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
using namespace reactors::asio_pools;

namespace {

auto& work = reactors::native_pools::work;

// What a thread of a pool is told that makes the call.
template <class Pool>
std::string refusal(Pool& caller, const std::function<void()>& call) {
  return caller.install([&] { return message_of<pinfold::would_block>(call); });
}

}  // namespace

TEST_CASE("a reactor's thread that would wait for another pool is told which call it may await instead") {
  const auto running = reactors::topology.start();
  std::atomic<bool> released = false;
  auto future = work.spawn_future([&] { released.wait(false); });
  auto thread = work.spawn_thread("waiting", [&] { released.wait(false); });

  const auto told = [](const std::string& call, const std::string& instead) {
    return "native.work." + call + "() would stall asio.shared, whose thread called it and serves I/O: co_await " +
           instead + ", or set allow_blocking = true in [asio.shared]";
  };
  CHECK(refusal(shared, [] { work.install([] {}); }) == told("install", "native.work's async_invoke(f)"));
  CHECK(refusal(shared, [] { work.broadcast([] {}); }) ==
        told("broadcast", "native.work's async_invoke() of a function that makes the call"));
  CHECK(refusal(shared, [] { work.wait_idle(); }) == told("wait_idle", "native.work's wait_idle(token)"));
  CHECK(refusal(shared, [] { work.join(); }) ==
        told("join",
             "asio.shared's async_blocking() of a function that makes the call (blocking_threads = 1 in "
             "[asio.shared])"));
  CHECK(refusal(shared, [] { work.scope([](auto&) {}); }) == told("scope", "native.work's async_scope(body)"));
  CHECK(refusal(shared, [] { work.scope_fifo([](auto&) {}); }) ==
        told("scope_fifo", "native.work's async_scope(body)"));
  CHECK(refusal(shared, [] { work.in_place_scope([](auto&) {}); }) ==
        told("in_place_scope", "native.work's async_scope(body)"));
  CHECK(refusal(shared, [] { work.in_place_scope_fifo([](auto&) {}); }) ==
        told("in_place_scope_fifo", "native.work's async_scope(body)"));
  CHECK(refusal(shared, [&] { future.get(); }) == told("future::get", "the future's async_get(token)"));
  CHECK(refusal(shared, [&] { thread.join(); }) ==
        told("managed_thread::join",
             "asio.shared's async_blocking() of a function that makes the call (blocking_threads = 1 in "
             "[asio.shared])"));
  CHECK(refusal(shared, [] {
          boost::asio::require(work.get_executor(), boost::asio::execution::blocking.always).execute([] {});
        }) == told("execute", "native.work's async_invoke(f)"));

  released = true;
  released.notify_all();
  future.get();
  thread.join();
}

TEST_CASE("the message names the blocking threads of the caller's pool, where it has some, and the pool waited for") {
  const auto running = reactors::topology.start();
  CHECK(refusal(files, [] { apart.join(); }) ==
        "asio.apart.join() would stall asio.files, whose thread called it and serves I/O: co_await asio.files's "
        "async_blocking() of a function that makes the call, or set allow_blocking = true in [asio.files]");
}

TEST_CASE("a refused wait leaves nothing behind in the other pool") {
  const auto running = reactors::topology.start();
  std::atomic<int> runs = 0;
  refusal(shared, [&] { work.install([&] { ++runs; }); });
  refusal(shared, [&] { work.broadcast([&] { ++runs; }); });
  refusal(shared, [&] { work.scope([&](auto& scope) { scope.spawn([&] { ++runs; }); }); });
  refusal(shared, [&] { work.in_place_scope([&](auto& scope) { scope.spawn([&] { ++runs; }); }); });
  work.wait_idle();
  CHECK(runs == 0);
}

TEST_CASE("a refused get or join leaves its handle as it was") {
  const auto running = reactors::topology.start();
  std::atomic<bool> released = false;
  auto future = work.spawn_future([&] {
    released.wait(false);
    return 3;
  });
  auto thread = work.spawn_thread("waiting", [&] {
    released.wait(false);
    return 4;
  });
  refusal(shared, [&] { future.get(); });
  refusal(shared, [&] { thread.join(); });
  released = true;
  released.notify_all();
  CHECK(future.get() == 3);
  CHECK(thread.join() == 4);
}

TEST_CASE("what waits on a blocking thread of the pool stalls no reactor") {
  const auto running = reactors::topology.start();
  std::atomic<int> sum = 0;
  files.async_blocking(
      [] {
        work.wait_idle();
        return work.install([] { return 7; });
      },
      [&](const std::exception_ptr& error, int result) { sum = error ? -1 : result; });
  running.wait_idle();
  CHECK(sum == 7);
}

TEST_CASE("a future that has ended is got on a reactor's thread too") {
  const auto running = reactors::topology.start();
  auto future = work.spawn_future([] { return 5; });
  work.wait_idle();
  CHECK(shared.install([&] { return future.get(); }) == 5);
}

TEST_CASE("a reactor's thread may install into its own pool and post everywhere") {
  const auto running = reactors::topology.start();
  std::atomic<int> runs = 0;
  shared.install([&] {
    shared.install([&] { ++runs; });
    shared.broadcast([&] { ++runs; });
    work.post([&] { ++runs; });
  });
  running.wait_idle();
  CHECK(runs == 4);
}

TEST_CASE("with allow_blocking a reactor's thread waits for other pools") {
  const auto running = reactors::topology.start();
  const int sum = patient.install([&] {
    work.wait_idle();
    return work.install([] { return 1; }) + static_cast<int>(shared.broadcast([] { return 1; }).size());
  });
  CHECK(sum == 3);
}
