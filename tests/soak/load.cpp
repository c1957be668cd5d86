#include "load.hpp"

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <numeric>
#include <ranges>
#include <stdexcept>
#include <thread>
#include <vector>

#include <pinfold/errors.hpp>
#include <pinfold/for_each_mapped.hpp>
#include <pinfold/native/parallel.hpp>

#include <soak/topology.hpp>

namespace soak {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

auto& net = asio_pools::net;
auto& apart = asio_pools::apart;
auto& eager = asio_pools::eager;
auto& workers = native_pools::work;
auto& single = native_pools::single;

// So many posts may wait to be run.
constexpr std::uint64_t backlog = 20'000;
constexpr int posts_at_once = 64;
constexpr std::uint32_t throws_one_in = 500;

template <class F>
void with_pool(std::uint32_t choice, F&& f) {
  std::size_t left = choice % topology.size();
  topology.for_each([&](auto& pool) {
    if (left-- == 0) f(pool);
  });
}

// Counts a coroutine from its first step to its end, whichever it is.
class counted_coroutine {
 public:
  explicit counted_coroutine(ledger& counts) : counts_(counts) { ++counts_.coroutines_begun; }
  counted_coroutine(const counted_coroutine&) = delete;
  counted_coroutine& operator=(const counted_coroutine&) = delete;
  ~counted_coroutine() { ++counts_.coroutines_ended; }

 private:
  ledger& counts_;
};

std::uint64_t fibonacci(unsigned n) {
  if (n < 2) return n;
  auto other = pinfold::fork([n] { return fibonacci(n - 1); });
  const std::uint64_t own = fibonacci(n - 2);
  return own + other.join();
}

}  // namespace

bool producer::work() {
  ++counts_.offered;
  try {
    operate();
    ++counts_.accepted;
    return true;
  } catch (const pinfold::pool_stopped&) {
    ++counts_.refused;
    return false;
  }
}

void producer::operate() {
  switch (up_to(16)) {
    case 0:
      return compute();
    case 1:
      return ask_across();
    case 2:
      return ask_asynchronously();
    case 3:
      return open_scopes();
    case 4:
      return tell_everyone();
    case 5:
      return stream();
    case 6:
      return wait_for_timers();
    case 7:
      return call_blocking();
    case 8:
      return start_a_thread();
    default:
      return post_some();
  }
}

// Some post on; a few throw.
void producer::post_some() {
  while (counts_.posted - counts_.run > backlog) std::this_thread::sleep_for(100us);
  for (int i = 0; i < posts_at_once; ++i) {
    const bool throws = up_to(throws_one_in) == 0;
    const bool posts_on = up_to(4) == 0;
    const std::uint32_t next = up_to(1'000);
    with_pool(up_to(1'000), [&](auto& pool) {
      ++counts_.posted;  // before: it may have run by the time post() returns
      try {
        pool.post([&counts = counts_, throws, posts_on, next] {
          if (posts_on) {
            ++counts.posted;
            with_pool(next, [&](auto& other) { other.post([&counts] { ++counts.run; }); });
          }
          ++counts.run;
          if (!throws) return;
          ++counts.thrown;
          throw std::runtime_error("on purpose");
        });
      } catch (...) {
        --counts_.posted;
        throw;
      }
    });
  }
}

void producer::compute() {
  counts_.wrong += workers.install([] { return fibonacci(16); }) != 987;
  counts_.wrong += workers.install([] {
    std::atomic<int> sum = 0;
    pinfold::parallel_for(0, 1'000, [&](int i) { sum += i; });
    return sum.load();
  }) != 499'500;
}

// Workers that wait in each other's pools, also where there is one of each.
void producer::ask_across() {
  const int there_and_back = workers.install(
      [] { return single.install([] { return workers.install([] { return single.install([] { return 5; }); }); }); });
  counts_.wrong += there_and_back != 5;
#ifdef PINFOLD_TEST_TBB
  counts_.wrong += tbb_pools::alone.install(
                       [] { return single.install([] { return tbb_pools::compute.install([] { return 6; }); }); }) != 6;
#endif
}

void producer::ask_asynchronously() {
  with_pool(up_to(1'000), [&](auto& pool) {
    counts_.wrong += pool.async_invoke([] { return 7; }, asio::use_future).get() != 7;
    auto failing = pool.async_invoke([]() -> int { throw std::runtime_error("wanted"); }, asio::use_future);
    try {
      failing.get();
      ++counts_.wrong;
    } catch (const std::runtime_error&) {
    }
  });
}

void producer::open_scopes() {
  with_pool(up_to(1'000), [&](auto& pool) {
    std::array<int, 16> squares{};
    pool.scope([&](auto& scope) {
      for (int i = 0; i < 16; ++i) {
        scope.spawn([&squares, i](auto&&...) { squares[static_cast<std::size_t>(i)] = i * i; });
      }
    });
    counts_.wrong += std::accumulate(squares.begin(), squares.end(), 0) != 1'240;
  });
}

void producer::tell_everyone() {
  with_pool(up_to(1'000), [&](auto& pool) {
    for (const int each : pool.broadcast([] { return 8; })) counts_.wrong += each != 8;
  });
}

void producer::stream() {
  const auto consume = [&]() -> asio::awaitable<int> {
    const counted_coroutine counted(counts_);
    int sum = 0;
    co_await pinfold::for_each_mapped(
        workers, std::views::iota(0, 100), [](int x) { return 2 * x; }, [&](int x) { sum += x; }, {.window = 8});
    co_return sum;
  };
  counts_.wrong += net.spawn_async(consume).join(asio::use_future).get() != 9'900;
}

// Their coroutines are work, timers and all: whoever stops waits for them.
void producer::wait_for_timers() {
  const auto wait = [&counts = counts_]() -> asio::awaitable<void> {
    const counted_coroutine counted(counts);
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int i = 0; i < 3; ++i) {
      timer.expires_after(300us);
      co_await timer.async_wait(asio::use_awaitable);
    }
  };
  for (int i = 0; i < 8; ++i) (void)apart.spawn_async(wait);
  (void)eager.spawn_async(wait);
}

void producer::call_blocking() {
  counts_.wrong += net.async_blocking(
                          [] {
                            std::this_thread::sleep_for(100us);
                            return 9;
                          },
                          asio::use_future)
                       .get() != 9;
}

void producer::start_a_thread() {
  try {
    counts_.wrong += workers.spawn_thread("visitor", [] { return 10; }).join() != 10;
  } catch (const pinfold::thread_limit&) {  // others have all of max_threads
  }
}

}  // namespace soak
