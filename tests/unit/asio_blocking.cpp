// async_blocking(): calls that wait, on threads of their own.
#include <atomic>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

#include <pinfold/detail/os.hpp>
#include <reactors/topology.hpp>

#include "catch.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"

namespace asio = boost::asio;
using namespace pinfold_test;
using namespace reactors::asio_pools;

TEST_CASE("async_blocking runs on a blocking thread, which is none of the pool's workers") {
  const auto running = reactors::topology.start();
  const auto name = [] { return files.contains_this_thread() ? "a worker" : pinfold::detail::os::thread_name(); };
  const std::string found = files.async_blocking(name, asio::use_future).get();
  CHECK((found == "files-b0" || found == "files-b1"));
}

TEST_CASE("async_blocking with use_future returns values and nothing and exceptions") {
  const auto running = reactors::topology.start();
  CHECK(files.async_blocking([] { return 5; }, asio::use_future).get() == 5);

  bool ran = false;
  files.async_blocking([&] { ran = true; }, asio::use_future).get();
  CHECK(ran);

  auto failing = files.async_blocking([]() -> int { throw std::runtime_error("no such file"); }, asio::use_future);
  files.wait_idle();  // libstdc++ counts an exception's holders out of the thread sanitizer's sight: be the last one
  CHECK(message_of<std::runtime_error>([&] { failing.get(); }) == "no such file");
}

TEST_CASE("async_blocking carries functions and results that can only be moved") {
  const auto running = reactors::topology.start();
  auto result =
      files.async_blocking([only = std::make_unique<int>(6)]() mutable { return std::move(only); }, asio::use_future);
  CHECK(*result.get() == 6);
}

TEST_CASE("async_blocking can be awaited and resumes on the coroutine's pool") {
  const auto running = reactors::topology.start();
  const auto read = []() -> asio::awaitable<std::string> {
    std::string text = co_await files.async_blocking([] { return std::string("content"); }, asio::use_awaitable);
    if (!shared.contains_this_thread()) text = "resumed on a foreign thread";
    try {
      co_await files.async_blocking([] { throw std::runtime_error(" and failure"); }, asio::use_awaitable);
    } catch (const std::runtime_error& error) {
      text += error.what();
    }
    co_return text;
  };
  CHECK(asio::co_spawn(shared.get_executor(), read(), asio::use_future).get() == "content and failure");
}

TEST_CASE("a callback of async_blocking completes on the pool's workers unless it is bound elsewhere") {
  const auto running = reactors::topology.start();
  std::atomic<int> on_own_pool = 0;
  std::atomic<int> on_bound_pool = 0;

  files.async_blocking([] { return 1; },
                       [&](const std::exception_ptr& error, int value) {
                         on_own_pool = !error && value == 1 && files.contains_this_thread() ? 1 : -1;
                       });
  files.async_blocking(
      [] { return 2; },
      asio::bind_executor(reactors::native_pools::work.get_executor(), [&](const std::exception_ptr& error, int value) {
        const bool there = reactors::native_pools::work.contains_this_thread();
        on_bound_pool = !error && value == 2 && there ? 1 : -1;
      }));
  running.wait_idle();

  CHECK(on_own_pool == 1);
  CHECK(on_bound_pool == 1);
}

TEST_CASE("a callback of async_blocking gets the exception beside an empty value") {
  const auto running = reactors::topology.start();
  std::atomic<bool> as_promised = false;
  files.async_blocking([]() -> std::string { throw std::runtime_error("lost"); },
                       [&](const std::exception_ptr& error, const std::string& value) {
                         as_promised = value.empty() &&
                                       message_of<std::runtime_error>([&] { std::rethrow_exception(error); }) == "lost";
                       });
  running.wait_idle();
  CHECK(as_promised);
}

TEST_CASE("an exception that leaves a completion handler reaches the topology's handler") {
  std::atomic<int> escaped = 0;
  pinfold::start_options options;
  options.on_exception = [&](const pinfold::escaped_exception& each) { escaped += each.pool == "asio.files" ? 1 : 0; };
  const auto running = reactors::topology.start(options);
  files.async_blocking([] {}, [](const std::exception_ptr&) { throw std::runtime_error("handler"); });
  running.wait_idle();
  CHECK(escaped == 1);
}

TEST_CASE("the workers go on while every blocking thread is blocked") {
  const auto running = reactors::topology.start();
  held_gate gate;
  auto first = files.async_blocking([&] { gate.wait(); }, asio::use_future);
  auto second = files.async_blocking([&] { gate.wait(); }, asio::use_future);
  auto third = files.async_blocking([] { return 3; }, asio::use_future);
  gate.wait_for_arrivals(2);

  CHECK(files.install([] { return files.contains_this_thread(); }));
  CHECK_FALSE(files.is_idle());
  gate.open();
  first.get();
  second.get();
  CHECK(third.get() == 3);
}

TEST_CASE("a blocking thread may wait for other pools and for its own") {
  const auto running = reactors::topology.start();
  const auto wait = [] {
    return reactors::native_pools::work.install([] { return 1; }) + shared.install([] { return 2; }) +
           files.install([] { return files.contains_this_thread() ? 4 : 0; });
  };
  CHECK(files.async_blocking(wait, asio::use_future).get() == 7);
}

TEST_CASE("stop waits for blocking work that was accepted and runs its completion") {
  auto running = reactors::topology.start();
  std::atomic<int> completions = 0;
  for (int i = 0; i < 200; ++i) {
    files.async_blocking([] { return 1; }, [&](const std::exception_ptr&, int value) { completions += value; });
  }
  running.stop();
  CHECK(completions == 200);
}

TEST_CASE("async_blocking of a pool that does not run is refused") {
  CHECK_THROWS_AS(files.async_blocking([] {}, [](const std::exception_ptr&) {}), pinfold::pool_stopped);
}
