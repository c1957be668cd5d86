// The pools of topologies/contract.toml as references: what all of them must do is compiled once.
#pragma once

#include <vector>

#include <contract/topology.hpp>

namespace pinfold_test {

inline std::vector<pinfold::pool_ref> pools_at_run_time() {
  std::vector<pinfold::pool_ref> pools;
  contract::topology.for_each([&](auto& pool) { pools.push_back(pool); });
  return pools;
}

inline std::vector<pinfold::pool_ref> pools_of_one_thread() {
  std::vector<pinfold::pool_ref> pools;
  for (const pinfold::pool_ref pool : pools_at_run_time()) {
    if (pool.size() == 1) pools.push_back(pool);
  }
  return pools;
}

}  // namespace pinfold_test
