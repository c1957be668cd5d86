// A checked build says which call sends too many too small tasks to another pool.
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <checked/topology.hpp>

#include "catch.hpp"
#include "support/child.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"
#include "warnings.hpp"

using namespace pinfold_test;
using namespace std::chrono_literals;
using pinfold::crossing_habit;

static_assert(pinfold::detail::checked);

namespace {

constexpr int too_many = 12'000;

auto& near = checked::native_pools::near;
auto& far = checked::native_pools::far;
auto& net = checked::asio_pools::net;

std::string at(int line) { return place_in(__FILE__, line); }

// The calling thread sends so many tasks of this length, with so much time from the begin of one to that of the next.
int install_often(int tasks, std::chrono::nanoseconds length, std::chrono::nanoseconds gap) {
  for (int i = 0; i < tasks; ++i) {
    hand_clock::advance(gap - length);
    far.install([&] { hand_clock::advance(length); });
  }
  return __LINE__ - 2;
}

struct sender {
  std::string name;
  std::string place;
  std::string pool;
  std::function<void()> send;
};

void ignore(const std::exception_ptr&) {}

boost::asio::awaitable<void> await_one() {
  co_await far.async_invoke([] {});
}
constexpr int await_line = __LINE__ - 2;

void try_post_one() {
  while (!far.try_post([] {})) far.wait_idle();
}
constexpr int try_post_line = __LINE__ - 2;

}  // namespace

TEST_CASE(
    "a call that sends 50,000 tasks of 0.3 us a second to another pool is told of, with place, pool and figures") {
  const hand_clock clock;
  warnings seen;
  const auto running = checked::topology.start(seen.options());

  const std::string place = at(install_often(too_many, 300ns, 20us));

  const auto told = seen.take();
  REQUIRE(told.size() == 1);
  CHECK(told[0].habit == crossing_habit::tiny_tasks);
  CHECK(told[0].place == place);
  CHECK(told[0].pool == "native.far");
  CHECK(told[0].lock.empty());
  CHECK(told[0].text == place +
                            " sent 50,000 tasks a second to native.far that ran 0.3 us each: batch them, or run them "
                            "where they come from");
}

TEST_CASE("every call that sends a task to another pool is watched, and told of by its own place") {
  const hand_clock clock;
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  const std::vector<sender> senders{
      {"post to native", at(__LINE__), "native.far", [] { far.post([] {}); }},
      {"post to asio", at(__LINE__), "asio.net", [] { net.post([] {}); }},
#ifdef PINFOLD_TEST_TBB
      {"post to tbb", at(__LINE__), "tbb.risk", [] { checked::tbb_pools::risk.post([] {}); }},
#endif
      {"try_post", at(try_post_line), "native.far", try_post_one},
      {"install", at(__LINE__), "native.far", [] { far.install([] {}); }},
      {"broadcast", at(__LINE__), "native.far", [] { far.broadcast([] {}); }},
      {"spawn", at(__LINE__), "native.far", [] { far.spawn([] {}); }},
      {"spawn_fifo", at(__LINE__), "native.far", [] { far.spawn_fifo([] {}); }},
      {"spawn_future", at(__LINE__), "native.far", [] { (void)far.spawn_future([] {}); }},
      {"spawn_broadcast", at(__LINE__), "native.far", [] { far.spawn_broadcast([] {}); }},
      {"async_invoke", at(__LINE__), "native.far", [] { far.async_invoke([] {}, ignore); }},
      {"by name", at(__LINE__), "native.far", [] { checked::topology.async_invoke<"far">([] {}, ignore); }},
      {"scope", at(__LINE__), "native.far", [] { far.scope([](auto&) {}); }},
      {"async_blocking", at(__LINE__), "asio.net", [] { net.async_blocking([] {}, ignore); }},
      {"co_await", at(await_line), "native.far",
       [] { boost::asio::co_spawn(near.get_executor(), await_one(), boost::asio::use_future).get(); }},
  };
  for (const sender& each : senders) {
    INFO(each.name);
    for (int i = 0; i < too_many; ++i) {
      each.send();
      if (i % 1'000 == 0) running.wait_idle();
    }
    running.wait_idle();
    const auto told = seen.take();
    REQUIRE(told.size() == 1);
    CHECK(told[0].place == each.place);
    CHECK(told[0].pool == each.pool);
    CHECK(contains(told[0].text, " tasks a second to " + each.pool + " that ran 0.0 us each"));
  }
}

TEST_CASE("a task of another pool is told of like a thread of no pool") {
  const hand_clock clock;
  warnings seen;
  const auto running = checked::topology.start(seen.options());

  near.install([] { install_often(too_many, 300ns, 20us); });

  CHECK(seen.take().size() == 1);
}

TEST_CASE("10,000 tasks a second are not too many, and tasks of 1 us not too small") {
  const hand_clock clock;
  warnings seen;
  const auto running = checked::topology.start(seen.options());

  install_often(3 * too_many, 300ns, 100us);
  hand_clock::advance(1s);
  install_often(too_many, 1'000ns, 20us);
  for (int i = 0; i < too_many; ++i) {  // 1.3 us on average, though most are shorter
    hand_clock::advance(10us);
    far.install([&] { hand_clock::advance(i % 4 == 0 ? 4'000ns : 400ns); });
  }

  CHECK(seen.take().empty());
}

TEST_CASE("a burst is told of, and not what came in another second") {
  const hand_clock clock;
  warnings seen;
  const auto running = checked::topology.start(seen.options());

  for (int i = 0; i < 5; ++i) {
    install_often(9'000, 300ns, 1us);
    hand_clock::advance(1s);
  }
  CHECK(seen.take().empty());
  install_often(too_many, 300ns, 1us);
  CHECK(seen.take().size() == 1);
}

TEST_CASE("what a pool sends itself is no crossing") {
  const hand_clock clock;
  warnings seen;
  const auto running = checked::topology.start(seen.options());

  far.install([] {
    for (int i = 0; i < too_many; ++i) {
      far.post([] {});
      far.spawn([] {});
      far.install([] {});
    }
  });
  running.wait_idle();

  CHECK(seen.take().empty());
}

TEST_CASE("a task that was not taken does not count") {
  const hand_clock clock;
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  held_gate gate;
  far.post([&] { gate.wait(); });
  gate.wait_for_arrivals(1);

  int taken = 0;
  for (int i = 0; i < 3 * too_many; ++i) taken += far.try_post([] {}) ? 1 : 0;
  gate.open();
  running.wait_idle();

  CHECK(taken > 100);
  CHECK(taken < 10'000);
  CHECK(seen.take().empty());
}

TEST_CASE("a place is told of once a run, and again in the next") {
  const hand_clock clock;
  warnings seen;
  for (int run = 0; run < 2; ++run) {
    const auto running = checked::topology.start(seen.options());
    for (int second = 0; second < 3; ++second) {
      install_often(too_many, 300ns, 20us);
      hand_clock::advance(1s);
    }
    CHECK(seen.take().size() == 1);
  }
}

TEST_CASE("a place that sends to several pools is told of once, for all of them together") {
  const hand_clock clock;
  warnings seen;
  const auto running = checked::topology.start(seen.options());

  const auto to = [](auto& pool) { pool.install([] {}); };
  for (int i = 0; i < too_many / 2; ++i) {
    hand_clock::advance(20us);
    to(far);
    to(near);
  }

  const auto told = seen.take();
  REQUIRE(told.size() == 1);
  CHECK(contains(told[0].text, " and others that ran"));
}

TEST_CASE("a place that several threads come to at once is told of once") {
  const hand_clock clock;
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 3; ++thread) {
      threads.emplace_back([] {
        for (int i = 0; i < too_many; ++i) far.post([] {});
      });
    }
  }
  running.wait_idle();

  CHECK(seen.take().size() == 1);
}

TEST_CASE("tasks that throw are watched too, and what they throw arrives") {
  const hand_clock clock;
  warnings seen;
  const auto running = checked::topology.start(seen.options());

  int caught = 0;
  for (int i = 0; i < too_many; ++i) {
    try {
      far.install([] { throw std::runtime_error("inside"); });
    } catch (const std::runtime_error&) {
      ++caught;
    }
  }

  CHECK(caught == too_many);
  CHECK(seen.take().size() == 1);
}

TEST_CASE("functions are moved, called and returned from as in other builds") {
  const auto running = checked::topology.start();
  int number = 1;
  CHECK(&far.install([&]() -> int& { return number; }) == &number);
  auto counter = [calls = 0]() mutable { return ++calls; };
  CHECK(far.install(counter) == 1);
  CHECK(far.install(counter) == 2);
  CHECK(far.spawn_future([only = std::make_unique<int>(3)]() mutable { return std::move(only); }).get() != nullptr);
  far.post([only = std::make_unique<int>(4), &number] { number = *only; });
  far.wait_idle();
  CHECK(number == 4);
  static_assert(pinfold::pool<std::remove_reference_t<decltype(far)>>);
}

TEST_CASE("what the handler of warnings does is not warned of") {
  const hand_clock clock;
  std::atomic<int> calls = 0;
  pinfold::start_options options;
  options.on_warning = [&](const auto&) {
    ++calls;
    for (int i = 0; i < too_many; ++i) near.install([] {});
  };
  const auto running = checked::topology.start(options);

  install_often(too_many, 300ns, 20us);

  CHECK(calls == 1);
}

TEST_CASE("the real clock takes long tasks for long") {
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  for (int i = 0; i < 200; ++i) {
    far.install([] {
      const auto end = std::chrono::steady_clock::now() + 10us;
      while (std::chrono::steady_clock::now() < end) {
      }
    });
  }
  CHECK(seen.take().empty());
}

TEST_CASE("child: prints a warning", "[.child]") {
  const hand_clock clock;
  const auto running = checked::topology.start();
  install_often(too_many, 300ns, 20us);
}

TEST_CASE("without a handler a warning is printed") {
  const std::string output = run_case("child: prints a warning").output;
  CHECK(contains(output, "pinfold: " + std::string(__FILE__) + ':'));
  CHECK(contains(output, " sent 50,000 tasks a second to native.far that ran 0.3 us each: batch them, or run them"));
}

TEST_CASE("child: more places than can be watched", "[.child]") {
  const hand_clock clock;
  warnings seen;
  const auto running = checked::topology.start(seen.options());
  pinfold::detail::warning_sink& sink = *far.core().warnings();

  std::vector<pinfold::detail::crossing_site*> sites;
  for (std::uint32_t line = 0; line < 100'000; ++line) {
    sites.push_back(pinfold::detail::crossing_site::find(sink, "other.cpp", line));
  }
  const auto watched = sites.size() - static_cast<std::size_t>(std::count(sites.begin(), sites.end(), nullptr));
  CHECK(watched > 100);
  CHECK(watched < 1'000);
  for (std::uint32_t line = 0; line < sites.size(); ++line) {
    if (pinfold::detail::crossing_site::find(sink, "other.cpp", line) != sites[line])
      FAIL("another entry for " << line);
  }

  int ran = 0;
  for (int i = 0; i < too_many; ++i) far.install([&] { ++ran; });
  CHECK(ran == too_many);
  CHECK(seen.take().empty());
}

TEST_CASE("what is watched is bounded; other places work unwatched") {
  const auto child = run_case("child: more places than can be watched");
  INFO(child.output);
  CHECK(child.exit_code == 0);
}
