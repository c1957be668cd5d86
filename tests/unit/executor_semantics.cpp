// What Asio does with the executor of every pool: where and when functions run, strands, work, timers, services.
#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/defer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "support/any_pool.hpp"
#include "support/counted_memory.hpp"
#include "support/escapes.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace execution = asio::execution;

TEST_CASE("dispatch on a thread of another pool runs the function on its own") {
  const auto running = contract::topology.start();
  const auto pools = every_pool();
  std::atomic<std::size_t> inside = 0;
  for (const any_pool& from : pools) {
    for (const any_pool& to : pools) {
      from.post([&] { asio::dispatch(to.executor, [&] { inside += to.contains_this_thread() ? 1 : 0; }); });
    }
  }
  running.wait_idle();
  CHECK(inside == pools.size() * pools.size());
}

TEST_CASE("what a function throws that runs at once goes to who dispatched it") {
  escapes seen;
  const auto running = contract::topology.start(seen.options());
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    auto caught = asio::post(pool.executor, asio::use_future([&] {
                               return message_of<std::runtime_error>(
                                   [&] { asio::dispatch(pool.executor, [] { throw std::runtime_error("at once"); }); });
                             }));
    CHECK(caught.get() == "at once");
  }
  CHECK(seen.all().empty());
}

TEST_CASE("with blocking.never a function does not run inside execute, on a thread of the pool either") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    static thread_local bool executes = false;
    std::atomic<int> inside = 0;
    std::atomic<int> runs = 0;
    const auto never = asio::require(pool.executor, execution::blocking.never);
    pool.post([&] {
      executes = true;
      for (int i = 0; i < 50; ++i) {
        never.execute([&] {
          inside += executes ? 1 : 0;
          ++runs;
        });
      }
      executes = false;
    });
    pool.wait_idle();
    CHECK(inside == 0);
    CHECK(runs == 50);
  }
}

TEST_CASE("a pool of one thread runs what one thread posts in the order of posting") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    if (pool.size != 1) continue;
    INFO(pool.name);
    std::vector<int> order;  // not guarded: one thread
    for (int i = 0; i < 500; ++i) asio::post(pool.executor, [&order, i] { order.push_back(i); });
    pool.wait_idle();
    CHECK(order.size() == 500);
    CHECK(std::is_sorted(order.begin(), order.end()));
  }
}

TEST_CASE("functions that can only be moved, and large ones, are executed") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    std::atomic<int> sum = 0;
    const std::array<int, 200> large{1, 2, 3};
    asio::post(pool.executor, [&sum, held = std::make_unique<int>(1)] { sum += *held; });
    asio::defer(pool.executor, [&sum, large] { sum += std::accumulate(large.begin(), large.end(), 0); });
    pool.wait_idle();
    CHECK(sum == 7);
  }
}

TEST_CASE("what a function holds is gone when its pool counts as idle") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    for (int i = 0; i < 100; ++i) {
      auto held = std::make_shared<int>(1);
      const std::weak_ptr<int> watched = held;
      asio::post(pool.executor, [held = std::move(held)] {});
      pool.wait_idle();
      REQUIRE(watched.expired());
    }
  }
}

TEST_CASE("a function's associated allocator is used, and has its memory back when the function runs") {
  for (std::size_t which = 0; which < every_pool().size(); ++which) {
    counted_memory memory;
    const auto running = contract::topology.start();
    const any_pool pool = every_pool()[which];
    INFO(pool.name);
    const std::pmr::polymorphic_allocator<> allocator(&memory);
    std::atomic<int> live = -1;
    asio::post(pool.executor, asio::bind_allocator(allocator, [&] { live = memory.live(); }));
    pool.wait_idle();
    CHECK(memory.ever() == 1);
    CHECK(live == 0);
    asio::defer(pool.executor, asio::bind_allocator(allocator, [] {}));
    pool.wait_idle();
    CHECK(memory.ever() == 2);
  }
}

TEST_CASE("in a strand dispatch runs at once and post and defer do not") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    const auto strand = asio::make_strand(pool.executor);
    const auto other = asio::make_strand(pool.executor);
    CHECK(strand != other);
    CHECK_FALSE(strand.running_in_this_thread());
    std::vector<std::string> order;  // not guarded: the strand keeps it whole
    asio::post(strand, [&] {
      if (!strand.running_in_this_thread() || other.running_in_this_thread()) return;
      asio::post(strand, [&] { order.emplace_back("posted"); });
      asio::defer(strand, [&] { order.emplace_back("deferred"); });
      asio::dispatch(strand, [&] { order.emplace_back("dispatched"); });
      order.emplace_back("went on");
    });
    pool.wait_idle();
    CHECK(order == std::vector<std::string>{"dispatched", "went on", "posted", "deferred"});
  }
}

TEST_CASE("strands keep their functions apart, whoever posts them, and hold no thread while one waits") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    struct lane {
      asio::strand<pinfold::executor> strand;
      std::vector<int> seen{};  // not guarded
    };
    std::vector<lane> lanes;
    for (int i = 0; i < 4; ++i) lanes.push_back({.strand = asio::make_strand(pool.executor)});
    {
      std::vector<std::jthread> posters;
      for (int poster = 0; poster < 3; ++poster) {
        posters.emplace_back([&, poster] {
          for (int i = 0; i < 200; ++i) {
            for (lane& each : lanes)
              asio::post(each.strand, [&each, i, poster] { each.seen.push_back(poster * 1'000 + i); });
          }
        });
      }
    }
    pool.wait_idle();
    for (const lane& each : lanes) {
      REQUIRE(each.seen.size() == 600);
      for (int poster = 0; poster < 3; ++poster) {  // in the order of each poster
        std::vector<int> own;
        std::ranges::copy_if(each.seen, std::back_inserter(own), [&](int item) { return item / 1'000 == poster; });
        CHECK(std::is_sorted(own.begin(), own.end()));
      }
    }
  }
}

TEST_CASE("a handler that is bound to a strand of one pool runs in it when another pool completes it") {
  const auto running = contract::topology.start();
  const auto pools = every_pool();
  for (const any_pool& pool : pools) {
    const auto strand = asio::make_strand(pool.executor);
    int right = 0;  // not guarded: the strand keeps it whole
    for (const any_pool& from : pools) {
      asio::post(from.executor, asio::bind_executor(strand, [&] {
                   right += strand.running_in_this_thread() && pool.contains_this_thread() ? 1 : 0;
                 }));
    }
    running.wait_idle();
    CHECK(right == static_cast<int>(pools.size()));
  }
}

TEST_CASE("join waits for a work guard, wait_idle does not") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    auto guard = asio::make_work_guard(pool.executor);
    CHECK(guard.owns_work());
    CHECK(guard.get_executor() == pool.executor);
    pool.wait_idle();
    std::atomic<bool> released = false;
    std::jthread releaser([&] {
      std::this_thread::sleep_for(5ms);
      released = true;
      guard.reset();
    });
    pool.join();
    CHECK(released);
    releaser.join();
    CHECK_FALSE(guard.owns_work());
    pool.join();  // with nothing left to wait for
  }
}

TEST_CASE("join waits while any copy of a tracked executor exists, and for what it executes") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    std::atomic<int> ends = 0;
    {
      auto tracked = asio::require(pool.executor, execution::outstanding_work.tracked);
      auto copy = tracked;
      const auto moved = std::move(tracked);
      copy = moved;
      std::jthread([&ends, kept = moved] {
        std::this_thread::sleep_for(2ms);
        kept.execute([&ends] {
          std::this_thread::sleep_for(2ms);
          ++ends;
        });
      }).detach();
    }
    pool.join();
    CHECK(ends == 1);
  }
}

TEST_CASE("co_spawn carries results and exceptions of coroutines out of every pool") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    INFO(pool.name);
    const auto inner = [&](int depth) -> asio::awaitable<int> {
      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
      if (depth == 3) throw std::runtime_error("three deep");
      co_return depth;
    };
    const auto outer = [&](int depth) -> asio::awaitable<std::string> {
      try {
        co_return std::to_string(co_await inner(depth));
      } catch (const std::runtime_error& error) {
        co_return error.what();
      }
    };
    CHECK(asio::co_spawn(pool.executor, outer(2), asio::use_future).get() == "2");
    CHECK(asio::co_spawn(pool.executor, outer(3), asio::use_future).get() == "three deep");
    CHECK(message_of<std::runtime_error>([&] { asio::co_spawn(pool.executor, inner(3), asio::use_future).get(); }) ==
          "three deep");
  }
}

TEST_CASE("a timer on an asio pool's executor expires on that pool") {
  const auto running = contract::topology.start();
  for (const any_pool& pool : every_pool()) {
    if (!pool.name.starts_with("asio")) continue;
    INFO(pool.name);
    asio::steady_timer by_executor(pool.executor, 2ms);
    std::promise<bool> expired;
    by_executor.async_wait(
        [&](boost::system::error_code error) { expired.set_value(!error && pool.contains_this_thread()); });
    CHECK(expired.get_future().get());
    by_executor.expires_after(1h);
    std::promise<bool> cancelled;
    by_executor.async_wait([&](boost::system::error_code error) {
      cancelled.set_value(error == asio::error::operation_aborted && pool.contains_this_thread());
    });
    by_executor.cancel();
    CHECK(cancelled.get_future().get());
    pool.join();
  }
}

TEST_CASE("a timer on the executor of one context expires on the thread of that context") {
  const auto running = contract::topology.start();
  auto& pool = contract::asio_pools::apart;
  for (std::size_t context = 0; context < pool.size(); ++context) {
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                               pinfold::executor>
        timer(pool.get_executor(context), 1ms);
    std::promise<std::size_t> where;
    timer.async_wait([&](boost::system::error_code) { where.set_value(pool.this_thread_index().value_or(99)); });
    CHECK(where.get_future().get() == context);
    pool.join();
  }
}

namespace {

std::vector<std::string> service_log;

template <int Number>
class noted_service final : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;
  explicit noted_service(asio::execution_context& context, std::string word = "used")
      : service(context), word_(std::move(word)) {}
  ~noted_service() override {
    if (is_shut_down_) service_log.push_back("destroyed " + std::to_string(Number));
  }
  [[nodiscard]] const std::string& word() const { return word_; }

 private:
  void shutdown() override {
    if (!std::exchange(is_shut_down_, true)) service_log.push_back("shut down " + std::to_string(Number));
  }
  std::string word_;
  bool is_shut_down_ = false;
};

}  // namespace

TEST_CASE("a pool's context has services, which a stop shuts down and destroys, the last made first") {
  for (std::size_t which = 0; which < every_pool().size(); ++which) {
    service_log.clear();
    INFO(every_pool()[which].name);
    for (int run = 0; run < 2; ++run) {
      const auto running = contract::topology.start();
      auto& context = asio::query(every_pool()[which].executor, execution::context);
      CHECK_FALSE(asio::has_service<noted_service<1>>(context));
      auto& first = asio::use_service<noted_service<1>>(context);
      CHECK(&asio::use_service<noted_service<1>>(context) == &first);
      CHECK(first.word() == "used");
      CHECK(asio::make_service<noted_service<2>>(context, "made").word() == "made");
      CHECK_THROWS_AS(asio::make_service<noted_service<2>>(context), asio::service_already_exists);
      CHECK(service_log.size() == static_cast<std::size_t>(run) * 4);
    }
    const std::vector<std::string> once{"shut down 2", "shut down 1", "destroyed 2", "destroyed 1"};
    std::vector<std::string> twice = once;
    twice.insert(twice.end(), once.begin(), once.end());
    CHECK(service_log == twice);
  }
}

TEST_CASE("an executor refuses work after the stop and takes it in the next run") {
  const auto pools = every_pool();
  std::atomic<int> runs = 0;
  const auto execute_everywhere = [&] {
    for (const any_pool& pool : pools) pool.executor.execute([&] { ++runs; });
  };
  {
    auto running = contract::topology.start();
    execute_everywhere();
    running.stop();
    for (const any_pool& pool : pools) {
      auto held = std::make_shared<int>(1);
      const std::weak_ptr<int> watched = held;
      CHECK_THROWS_AS(pool.executor.execute([held = std::move(held)] {}), pinfold::pool_stopped);
      CHECK(watched.expired());
    }
    CHECK(runs == static_cast<int>(pools.size()));
  }
  {
    const auto again = contract::topology.start();
    execute_everywhere();
  }
  CHECK(runs == 2 * static_cast<int>(pools.size()));
}
