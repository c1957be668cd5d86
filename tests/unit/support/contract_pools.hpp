// The pools of topologies/contract.toml as types, for tests that every kind must pass.
#pragma once

#include <set>
#include <thread>

#include <contract/topology.hpp>

namespace pinfold_test {

struct asio_one {
  static constexpr const char* name = "asio_one";
  static auto& pool() { return contract::asio_pools::one; }
};
struct asio_two {
  static constexpr const char* name = "asio_two";
  static auto& pool() { return contract::asio_pools::two; }
};
struct asio_per_thread {
  static constexpr const char* name = "asio_per_thread";
  static auto& pool() { return contract::asio_pools::apart; }
};
struct native_one {
  static constexpr const char* name = "native_one";
  static auto& pool() { return contract::native_pools::one; }
};
struct native_two {
  static constexpr const char* name = "native_two";
  static auto& pool() { return contract::native_pools::two; }
};
#ifdef PINFOLD_TEST_TBB
struct tbb_one {
  static constexpr const char* name = "tbb_one";
  static auto& pool() { return contract::tbb_pools::one; }
};
struct tbb_two {
  static constexpr const char* name = "tbb_two";
  static auto& pool() { return contract::tbb_pools::two; }
};
#define PINFOLD_TEST_TBB_POOLS , tbb_one, tbb_two
#else
#define PINFOLD_TEST_TBB_POOLS
#endif

/// For TEMPLATE_TEST_CASE: those whose queues are Asio's or pinfold's, and all.
#define PINFOLD_TEST_OWN_QUEUES asio_one, asio_two, asio_per_thread, native_one, native_two
#define PINFOLD_TEST_POOLS PINFOLD_TEST_OWN_QUEUES PINFOLD_TEST_TBB_POOLS

/// The ids of the threads of a pool that runs.
template <class Pool>
std::set<std::thread::id> threads_of(Pool& pool) {
  const auto ids = pool.broadcast([] { return std::this_thread::get_id(); });
  return {ids.begin(), ids.end()};
}

}  // namespace pinfold_test
