// The pools of topologies/metrics.toml as types, by mode.
#pragma once

#include <chrono>
#include <cstdint>

#include <metrics/topology.hpp>

#include <pinfold/pool_ref.hpp>

namespace pinfold_test {

#define PINFOLD_TEST_POOL(kind, id)                           \
  struct kind##_##id {                                        \
    static constexpr const char* name = #kind "_" #id;        \
    static auto& pool() { return metrics::kind##_pools::id; } \
  }
PINFOLD_TEST_POOL(asio, off);
PINFOLD_TEST_POOL(asio, counters);
PINFOLD_TEST_POOL(asio, latency);
PINFOLD_TEST_POOL(asio, spinning);
PINFOLD_TEST_POOL(native, off);
PINFOLD_TEST_POOL(native, counters);
PINFOLD_TEST_POOL(native, latency);
PINFOLD_TEST_POOL(native, pair);
#ifdef PINFOLD_TEST_TBB
PINFOLD_TEST_POOL(tbb, off);
PINFOLD_TEST_POOL(tbb, counters);
PINFOLD_TEST_POOL(tbb, latency);
PINFOLD_TEST_POOL(tbb, spinning);
#define PINFOLD_TEST_OFF asio_off, native_off, tbb_off
#define PINFOLD_TEST_COUNTERS asio_counters, asio_spinning, native_counters, tbb_counters
#define PINFOLD_TEST_LATENCY asio_latency, native_latency, native_pair, tbb_latency, tbb_spinning
#else
#define PINFOLD_TEST_OFF asio_off, native_off
#define PINFOLD_TEST_COUNTERS asio_counters, asio_spinning, native_counters
#define PINFOLD_TEST_LATENCY asio_latency, native_latency, native_pair
#endif
#undef PINFOLD_TEST_POOL

/// Returns after some time, and how long that was at least.
inline std::chrono::nanoseconds pass_time(std::chrono::nanoseconds time = std::chrono::milliseconds(3)) {
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    const auto passed = std::chrono::steady_clock::now() - begin;
    if (passed >= time) return passed;
  }
}

/// What the threads have run together.
template <class Pool>
std::uint64_t run_by_threads(const Pool& pool) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < pool.size() + pool.spec.blocking_threads; ++i) sum += pool.worker_stats(i).run;
  return sum;
}

}  // namespace pinfold_test
