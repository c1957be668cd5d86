// async_invoke(): a function in a pool as an Asio operation.
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <memory>
#include <memory_resource>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include "catch.hpp"
#include "support/contract_pools.hpp"
#include "support/held_gate.hpp"
#include "support/messages.hpp"

using namespace pinfold_test;
namespace asio = boost::asio;

// One pool a kind: what differs between pools of a kind plays no part here, and each costs a compiler 10 seconds.
#ifdef PINFOLD_TEST_TBB
#define INVOKE_POOLS asio_one, native_two, tbb_one
#else
#define INVOKE_POOLS asio_one, native_two
#endif

namespace {

boost::system::error_code code_of(const std::exception_ptr& error) {
  if (!error) return {};
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& known) {
    return known.code();
  } catch (...) {
    return asio::error::fault;
  }
}

// Holds all of a pool's threads.
template <class Pool>
void occupy(Pool& pool, held_gate& gate) {
  for (std::size_t i = 0; i < pool.size(); ++i) pool.post([&gate] { gate.wait(); });
  gate.wait_for_arrivals(pool.size());
}

}  // namespace

TEMPLATE_TEST_CASE("async_invoke runs the function on the pool and hands its result over", "", INVOKE_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  CHECK(pool.async_invoke([&] { return pool.contains_this_thread(); }, asio::use_future).get());
  CHECK(pool.async_invoke([] { return std::make_unique<int>(4); }, asio::use_future).get() != nullptr);
  bool ran = false;
  pool.async_invoke([&] { ran = true; }, asio::use_future).get();
  CHECK(ran);
  CHECK(*pool.async_invoke([only = std::make_unique<int>(6)]() mutable { return std::move(only); }, asio::use_future)
             .get() == 6);
}

TEMPLATE_TEST_CASE("async_invoke hands an exception over, beside an empty value", "", INVOKE_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::atomic<bool> as_promised = false;
  pool.async_invoke([]() -> std::string { throw std::runtime_error("lost"); },
                    [&](const std::exception_ptr& error, const std::string& value) {
                      as_promised = value.empty() &&
                                    message_of<std::runtime_error>([&] { std::rethrow_exception(error); }) == "lost";
                    });
  running.wait_idle();
  CHECK(as_promised);
}

TEMPLATE_TEST_CASE("a coroutine of any pool awaits async_invoke and goes on where it was", "", INVOKE_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const auto from = [&](auto& home) {
    const auto round_trips = [&]() -> asio::awaitable<int> {
      int right = 0;
      for (int i = 0; i < 50; ++i) {
        right += co_await pool.async_invoke([&] { return pool.contains_this_thread() ? 1 : 0; }, asio::use_awaitable);
        right += home.contains_this_thread() ? 1 : 0;
        const auto [error, there] = co_await pool.async_invoke([&] { return pool.contains_this_thread() ? 1 : 0; },
                                                               asio::as_tuple(asio::use_awaitable));
        right += !error && there == 1 && home.contains_this_thread() ? 1 : 0;
      }
      try {
        right += co_await pool.async_invoke([] { return 1; });  // the default token
        co_await pool.async_invoke([] { throw std::runtime_error("failure"); });
      } catch (const std::runtime_error&) {
        ++right;
      }
      co_return right;
    };
    CHECK(asio::co_spawn(home.get_executor(), round_trips(), asio::use_future).get() == 152);
  };
  from(contract::asio_pools::two);
  from(contract::native_pools::one);
}

TEMPLATE_TEST_CASE("async_invoke completes on executors that are no pool's", "", INVOKE_POOLS) {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const auto this_thread = std::this_thread::get_id();
  const auto round_trips = [&]() -> asio::awaitable<int> {
    int right = 0;
    for (int i = 0; i < 20; ++i) {
      right += co_await pool.async_invoke([&] { return pool.contains_this_thread() ? 1 : 0; }, asio::use_awaitable);
      right += std::this_thread::get_id() == this_thread ? 1 : 0;
    }
    co_return right;
  };

  auto result = asio::co_spawn(own, round_trips(), asio::use_future);  // through any_io_executor
  own.run();
  CHECK(result.get() == 40);

  const auto strand = asio::make_strand(own);
  bool in_strand = false;
  pool.async_invoke([] { return 3; }, asio::bind_executor(strand, [&](const std::exception_ptr& error, int value) {
                      in_strand = strand.running_in_this_thread() && !error && value == 3;
                    }));
  own.restart();
  own.run();  // the operation is outstanding work of its context
  CHECK(in_strand);
}

TEMPLATE_TEST_CASE("a handler bound to a strand of a pool's executor is called in that strand", "", INVOKE_POOLS) {
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const auto strand = asio::make_strand(pool.get_executor());
  int in_strand = 0;  // not guarded: the strand is what keeps it whole
  for (int i = 0; i < 100; ++i) {
    pool.async_invoke([i] { return i; }, asio::bind_executor(strand, [&](const std::exception_ptr& error, int) {
                        in_strand += strand.running_in_this_thread() && !error ? 1 : 0;
                      }));
  }
  pool.join();
  CHECK(in_strand == 100);
}

TEMPLATE_TEST_CASE("a coroutine of a strand's own type awaits a pool and goes on in the strand", "", INVOKE_POOLS) {
  using strand_type = asio::strand<pinfold::executor>;
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  const auto strand = asio::make_strand(pool.get_executor());
  const auto trips = [&]() -> asio::awaitable<int, strand_type> {
    int in_strand = 0;
    for (int i = 0; i < 20; ++i) {
      co_await pool.async_invoke([] {}, asio::use_awaitable_t<strand_type>());
      in_strand += strand.running_in_this_thread() ? 1 : 0;
    }
    co_return in_strand;
  };
  CHECK(asio::co_spawn(strand, trips(), asio::use_future).get() == 20);
}

TEMPLATE_TEST_CASE("the handler of async_invoke is never called inside the call that starts it", "", INVOKE_POOLS) {
  std::atomic<int> inside = 0;
  std::atomic<int> calls = 0;
  static thread_local bool starts = false;
  {
    auto running = contract::topology.start();
    auto& pool = TestType::pool();
    const auto start = [&] {
      starts = true;
      pool.async_invoke([] {},
                        [&](const std::exception_ptr&) {
                          ++calls;
                          inside += starts ? 1 : 0;
                        });
      starts = false;
    };
    for (int i = 0; i < 100; ++i) pool.post(start);
    running.wait_idle();
  }
  CHECK(calls == 100);
  CHECK(inside == 0);
}

TEMPLATE_TEST_CASE("a deferred async_invoke is started by who asks for it", "", INVOKE_POOLS) {
  const auto running = contract::topology.start();
  std::atomic<int> runs = 0;
  auto operation = TestType::pool().async_invoke([&] { return ++runs; }, asio::deferred);
  running.wait_idle();
  CHECK(runs == 0);
  CHECK(std::move(operation)(asio::use_future).get() == 1);
}

TEMPLATE_TEST_CASE("async_invoke uses the handler's allocator where its state does not fit a slot", "", INVOKE_POOLS) {
  struct memory final : std::pmr::memory_resource {
    std::atomic<int> live{0};
    std::atomic<int> ever{0};
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
      ++live;
      ++ever;
      return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    void do_deallocate(void* item, std::size_t bytes, std::size_t alignment) override {
      --live;
      std::pmr::new_delete_resource()->deallocate(item, bytes, alignment);
    }
    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
  } counted;
  std::atomic<int> live_in_handler = -1;
  {
    const auto running = contract::topology.start();
    const std::array<char, 400> large{};
    TestType::pool().async_invoke(
        [large] { return large.size(); },
        asio::bind_allocator(std::pmr::polymorphic_allocator<>(&counted),
                             [&](const std::exception_ptr&, std::size_t) { live_in_handler = counted.live.load(); }));
  }
  CHECK(counted.ever == 1);
  CHECK(live_in_handler == 0);
}

TEMPLATE_TEST_CASE("an async_invoke that waits in the queue is cancelled at once, and its function never runs", "",
                   INVOKE_POOLS) {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  occupy(pool, gate);
  std::atomic<bool> ran = false;
  asio::cancellation_signal signal;
  boost::system::error_code seen;
  pool.async_invoke(
      [&] { ran = true; },
      asio::bind_cancellation_slot(
          signal.slot(), asio::bind_executor(own, [&](const std::exception_ptr& error) { seen = code_of(error); })));
  signal.emit(asio::cancellation_type::total);
  CHECK_FALSE(seen);  // not inside emit
  own.run();          // while the pool is held
  CHECK(seen == asio::error::operation_aborted);
  gate.open();
  running.wait_idle();
  CHECK_FALSE(ran);
}

TEMPLATE_TEST_CASE("an async_invoke that runs completes, whenever it is cancelled", "", INVOKE_POOLS) {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  asio::cancellation_signal signal;
  int value = 0;
  pool.async_invoke(
      [&] {
        gate.wait();
        return 5;
      },
      asio::bind_cancellation_slot(
          signal.slot(),
          asio::bind_executor(own, [&](const std::exception_ptr& error, int result) { value = error ? -1 : result; })));
  gate.wait_for_arrivals(1);
  signal.emit(asio::cancellation_type::terminal);
  gate.open();
  own.run();
  CHECK(value == 5);
  signal.emit(asio::cancellation_type::terminal);  // of an operation that is long over
}

TEMPLATE_TEST_CASE("cancellation at any moment gives each async_invoke one completion", "", INVOKE_POOLS) {
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  std::atomic<int> ran = 0;
  int completed = 0;
  int aborted = 0;
  const auto rounds = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 1'000; ++i) {
      asio::cancellation_signal signal;
      bool ended = false;
      pool.async_invoke(
          [&] { ++ran; },
          asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(own, [&](const std::exception_ptr& error) {
                                         ++(error ? aborted : completed);
                                         ended = true;
                                       })));
      for (int spin = 0; spin < i % 50; ++spin) std::this_thread::yield();
      if (!ended) signal.emit(asio::cancellation_type::total);
      while (!ended) co_await asio::post(own, asio::use_awaitable);
    }
  };
  asio::co_spawn(own, rounds(), asio::detached);
  own.run();
  running.wait_idle();
  CHECK(completed == ran);
  CHECK(completed + aborted == 1'000);
}

TEMPLATE_TEST_CASE("Asio's operators put a time limit on async_invoke", "", INVOKE_POOLS) {
  using namespace asio::experimental::awaitable_operators;
  asio::io_context own;  // outlives the calls in which workers post to it
  const auto running = contract::topology.start();
  auto& pool = TestType::pool();
  held_gate gate;
  occupy(pool, gate);
  bool timed_out = false;
  const auto limited = [&]() -> asio::awaitable<void> {
    asio::steady_timer limit(own, std::chrono::milliseconds(5));
    const auto first =
        co_await (pool.async_invoke([] { return 1; }, asio::use_awaitable) || limit.async_wait(asio::use_awaitable));
    timed_out = first.index() == 1;
  };
  asio::co_spawn(own, limited(), asio::detached);
  own.run();
  gate.open();
  CHECK(timed_out);
}

TEMPLATE_TEST_CASE("async_invoke of a pool that does not run completes with pool_stopped, later", "", INVOKE_POOLS) {
  asio::io_context own;
  bool stopped = false;
  TestType::pool().async_invoke(
      [] {}, asio::bind_executor(own, [&](const std::exception_ptr& error) {
        stopped =
            contains(message_of<pinfold::pool_stopped>([&] { std::rethrow_exception(error); }), "accepts no work");
      }));
  CHECK_FALSE(stopped);
  own.run();
  CHECK(stopped);
}

TEMPLATE_TEST_CASE("stop waits for async_invoke that was accepted, and runs its completions", "", INVOKE_POOLS) {
  auto running = contract::topology.start();
  std::atomic<int> completions = 0;
  for (int i = 0; i < 500; ++i) {
    TestType::pool().async_invoke(
        [] { return 1; }, asio::bind_executor(contract::asio_pools::one.get_executor(),
                                              [&](const std::exception_ptr&, int value) { completions += value; }));
  }
  running.stop();
  CHECK(completions == 500);
}

TEMPLATE_TEST_CASE("an exception that leaves the handler of async_invoke reaches the topology's handler", "",
                   INVOKE_POOLS) {
  std::atomic<int> escaped = 0;
  pinfold::start_options options;
  options.on_exception = [&](const pinfold::escaped_exception&) { ++escaped; };
  const auto running = contract::topology.start(options);
  TestType::pool().async_invoke([] {}, [](const std::exception_ptr&) { throw std::runtime_error("handler"); });
  running.wait_idle();
  CHECK(escaped == 1);
}
