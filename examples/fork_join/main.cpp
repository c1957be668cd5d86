// What a native pool offers, one function each: fork and join, loops, scopes, futures.
#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <layout/topology.hpp>
#include <random>
#include <span>
#include <vector>

namespace asio = boost::asio;

namespace {

// Fork: half of the work is offered to the other workers and joined afterwards. Closures are captured by value.
void sort(std::span<std::uint32_t> values) {
  if (values.size() <= 4096) {
    std::ranges::sort(values);
    return;
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);  // smaller ones to the left, larger ones to the right
  const std::span<std::uint32_t> left(values.begin(), middle);
  const std::span<std::uint32_t> right(middle, values.end());
  auto forked = pinfold::fork([left] { sort(left); });
  sort(right);
  forked.join();
}

// Loops: split only when another worker asks for work.
double mean(std::span<const std::uint32_t> values) {
  const auto add = [values](std::size_t from, std::size_t to, double sum) {
    for (std::size_t i = from; i != to; ++i) sum += values[i];
    return sum;
  };
  // The same sum to the last bit, however many workers there are.
  const pinfold::loop_options same_for_all{.deterministic = true};
  return pinfold::parallel_reduce(std::size_t{0}, values.size(), same_for_all, 0.0, add, std::plus<>()) /
         static_cast<double>(values.size());
}

// A scope: tasks borrow what lives outside, and the first that finds what is sought cancels the others.
std::size_t find(std::span<const std::uint32_t> values, std::uint32_t sought) {
  std::atomic<std::size_t> found = values.size();
  const std::size_t part = values.size() / 16;
  pinfold::scope([&](pinfold::task_scope& scope) {
    for (std::size_t from = 0; from < values.size(); from += part) {
      scope.spawn([&, from] {
        const auto here = values.subspan(from, std::min(part, values.size() - from));
        const auto at = std::ranges::lower_bound(here, sought);
        if (at == here.end() || *at != sought) return;
        found = from + static_cast<std::size_t>(at - here.begin());
        scope.cancel();
      });
    }
  });
  return found;
}

// A future: a coroutine on the reactor waits for the pool and stays free meanwhile.
asio::awaitable<double> mean_of(std::span<const std::uint32_t> values) {
  co_return co_await layout::native_pools::compute.spawn_future([values] { return mean(values); })
      .async_get(asio::use_awaitable);
}

}  // namespace

int main() try {
  const auto running = layout::topology.start();
  auto& compute = layout::native_pools::compute;

  std::vector<std::uint32_t> values(1'000'000);
  compute.install([&] {
    pinfold::parallel_for(std::size_t{0}, values.size(), [&](std::size_t from, std::size_t to) {
      std::minstd_rand random(static_cast<unsigned>(from) + 1);
      for (std::size_t i = from; i != to; ++i) values[i] = static_cast<std::uint32_t>(random());
    });
    sort(values);
  });
  std::printf("sorted: %s\n", std::ranges::is_sorted(values) ? "yes" : "no");

  const double average = asio::co_spawn(layout::asio_pools::net, mean_of(values), asio::use_future).get();
  std::printf("mean within 1%% of the middle: %s\n", std::abs(average / 1'073'741'823.0 - 1) < 0.01 ? "yes" : "no");

  const std::size_t at = compute.install([&] { return find(values, values[765'432]); });
  std::printf("found: %s\n", at < values.size() && values[at] == values[765'432] ? "yes" : "no");
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
