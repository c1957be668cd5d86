// A coroutine on an I/O thread awaits what a compute thread computes, again and again, one trip at a time: how long it
// is away, and what a trip allocates.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstddef>
#include <vector>

#include "program.hpp"
#include "quantiles.hpp"

namespace workload {

/// `Bridge()` starts a thread on CPU 0, whose executor get_executor() is, and one on CPU 1, where async_compute(f,
/// token) runs `f`. Where it has allocations_so_far(), of the whole process, those of a trip are a figure too.
template <class Bridge>
class crossing {
 public:
  /// --size: trips.
  crossing(bench::options& given, long workers) : trips_(given.required("size", 1, 100'000'000)) {
    if (workers != 1) throw bench::usage_error("--workers: there is 1");
    samples_.resize(static_cast<std::size_t>(trips_));
  }

  bench::outcome measure() {
    namespace asio = boost::asio;
    const long answer = asio::co_spawn(bridge_.get_executor(), travel(), asio::use_future).get();
    bench::require_answer(answer, warm_up_trips + trips_);
    const bench::quantiles trips(samples_);
    std::vector<bench::figure> figures{{"round_trip_p50_ns", trips.per_mille(500)},
                                       {"round_trip_p99_ns", trips.per_mille(990)}};
    if constexpr (counts_allocations) {
      figures.push_back({"allocations_per_round_trip", static_cast<double>(allocated_) / static_cast<double>(trips_)});
    }
    return {answer, figures};
  }

 private:
  boost::asio::awaitable<long> travel() {
    long value = 0;
    for (long i = 0; i < warm_up_trips; ++i) value = co_await next(value);
    const std::size_t before = allocations_so_far();
    auto left = bench::clock::now();
    for (double& sample : samples_) {
      value = co_await next(value);
      const auto back = bench::clock::now();
      sample = std::chrono::duration<double, std::nano>(back - left).count();
      left = back;
    }
    allocated_ = allocations_so_far() - before;
    co_return value;
  }

  auto next(long value) {
    return bridge_.async_compute([value] { return value + 1; }, boost::asio::use_awaitable);
  }

  static std::size_t allocations_so_far() {
    if constexpr (counts_allocations) return Bridge::allocations_so_far();
    return 0;
  }

  static constexpr bool counts_allocations = requires { Bridge::allocations_so_far(); };
  static constexpr long warm_up_trips = 1000;

  long trips_;
  std::vector<double> samples_;
  std::size_t allocated_ = 0;
  Bridge bridge_;
};

}  // namespace workload
