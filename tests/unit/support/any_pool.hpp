// A pool of any kind as one type, so that what differs between kinds is compiled once.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <vector>

#include <pinfold/async_task.hpp>
#include <pinfold/executor.hpp>

#include "contract_pools.hpp"

namespace pinfold_test {

using counting = std::function<boost::asio::awaitable<int>()>;

struct any_pool {
  std::string name;
  std::size_t size;
  pinfold::executor executor;
  std::function<pinfold::async_task<int>(counting)> spawn_async;
  std::function<void(std::function<void()>)> post;
  std::function<bool()> contains_this_thread;
  std::function<bool()> is_idle;
  std::function<void()> wait_idle;
  std::function<void()> join;
};

template <class Pool>
any_pool erased(Pool& pool) {
  return {.name = std::string(pool.spec.thread_name),
          .size = pool.size(),
          .executor = pool.get_executor(),
          .spawn_async = [&](counting f) { return pool.spawn_async(std::move(f)); },
          .post = [&](std::function<void()> f) { pool.post(std::move(f)); },
          .contains_this_thread = [&] { return pool.contains_this_thread(); },
          .is_idle = [&] { return pool.is_idle(); },
          .wait_idle = [&] { pool.wait_idle(); },
          .join = [&] { pool.join(); }};
}

/// Every pool of topologies/contract.toml.
inline std::vector<any_pool> every_pool() {
  std::vector<any_pool> all;
  contract::topology.for_each([&](auto& pool) { all.push_back(erased(pool)); });
  return all;
}

}  // namespace pinfold_test
