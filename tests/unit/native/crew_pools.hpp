// The pools of topologies/crews.toml as types, for tests that every size must pass.
#pragma once

#include <crews/topology.hpp>

namespace pinfold_test {

struct one_worker {
  static auto& pool() { return crews::native_pools::one; }
};
struct two_workers {
  static auto& pool() { return crews::native_pools::two; }
};
struct four_workers {
  static auto& pool() { return crews::native_pools::four; }
};
#define PINFOLD_TEST_CREWS one_worker, two_workers, four_workers

}  // namespace pinfold_test
