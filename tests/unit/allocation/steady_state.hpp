// What a pool allocates once it has run for a while: counted over the whole process, TBB's library included.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <cstddef>

#include "allocation/counting_allocator.hpp"
#include "support/contract_pools.hpp"

namespace pinfold_test {

inline constexpr std::size_t warm_up = 20;
inline constexpr std::size_t rounds = 1'000;
inline constexpr std::size_t calls = 100;  // less than the slots of every pool

// What `rounds` times `calls` of something allocate. Threads allocate when they begin to work: all have, once each pool
// has answered a broadcast.
template <class F>
std::size_t allocations_in_steady_state(F&& round) {
  const auto running = contract::topology.start();
  contract::topology.for_each([](auto& pool) { pool.broadcast([] {}); });
  for (std::size_t i = 0; i < warm_up; ++i) round();
  return allocations_during([&] {
    for (std::size_t i = 0; i < rounds; ++i) round();
  });
}

template <class Pool>
std::size_t allocations_of_posts_from_outside(Pool& pool) {
  return allocations_in_steady_state([&] {
    for (std::size_t i = 0; i < calls; ++i) pool.post([] {});
    pool.wait_idle();
  });
}

template <class Pool>
std::size_t allocations_of_posts_from_inside(Pool& pool) {
  return allocations_in_steady_state([&] {
    pool.install([&] {
      for (std::size_t i = 0; i < calls; ++i) pool.post([] {});
    });
    pool.wait_idle();
  });
}

template <class Pool>
std::size_t allocations_of_posts_through_the_executor(Pool& pool) {
  return allocations_in_steady_state([&] {
    for (std::size_t i = 0; i < calls; ++i) boost::asio::post(pool.get_executor(), [] {});
    pool.wait_idle();
  });
}

// A coroutine at `home`, an executor, awaits functions in the pool.
template <class Executor, class Pool, class Token>
std::size_t allocations_of_round_trips(const Executor& home, Pool& pool, Token token) {
  const auto counted = [&]() -> boost::asio::awaitable<std::size_t> {
    for (std::size_t i = 0; i < warm_up * calls; ++i) co_await pool.async_invoke([] { return 1; }, token);
    const std::size_t before = allocations_so_far();
    for (std::size_t i = 0; i < rounds * calls / 10; ++i) co_await pool.async_invoke([] { return 1; }, token);
    co_return allocations_so_far() - before;
  };
  return boost::asio::co_spawn(home, counted(), boost::asio::use_future).get();
}

inline constexpr std::size_t tasks_of_a_scope = 4;

// A coroutine at `home` awaits scopes, one after the other.
template <class Executor, class Pool>
std::size_t allocations_of_awaited_scopes(const Executor& home, Pool& pool) {
  const auto counted = [&]() -> boost::asio::awaitable<std::size_t> {
    std::size_t before = 0;
    for (std::size_t i = 0; i < warm_up * calls + rounds; ++i) {
      if (i == warm_up * calls) before = allocations_so_far();
      int runs[tasks_of_a_scope] = {};
      co_await pool.async_scope(
          [&](auto& scope) {
            for (int& each : runs) scope.spawn([&each] { ++each; });
            return 1;
          },
          boost::asio::use_awaitable);
    }
    co_return allocations_so_far() - before;
  };
  return boost::asio::co_spawn(home, counted(), boost::asio::use_future).get();
}

// Scopes from outside, with the body in the pool and in place, one after the other.
template <class Pool>
std::size_t allocations_of_scopes(Pool& pool) {
  return allocations_in_steady_state([&] {
    const auto body = [](auto& scope) {
      for (std::size_t i = 0; i < tasks_of_a_scope; ++i) scope.spawn([](auto& same) { same.spawn([] {}); });
    };
    pool.scope(body);
    pool.in_place_scope(body);
    pinfold::multi_scope(pool, pool, [&](auto& first, auto& second) {
      body(first);
      body(second);
    });
  });
}

// A coroutine at `home` awaits that the pool is idle, which it keeps from being so a moment before.
template <class Executor, class Pool, class Token>
std::size_t allocations_of_idle_waits(const Executor& home, Pool& pool, Token token) {
  const auto counted = [&]() -> boost::asio::awaitable<std::size_t> {
    std::size_t before = 0;
    for (std::size_t i = 0; i < (warm_up + rounds) * calls / 10; ++i) {
      if (i == warm_up * calls / 10) before = allocations_so_far();
      pool.post([] {});
      co_await pool.wait_idle(token);
    }
    co_return allocations_so_far() - before;
  };
  return boost::asio::co_spawn(home, counted(), boost::asio::use_future).get();
}

// A coroutine at `home` awaits what `spawned()` returns, again and again.
template <class Executor, class Spawn>
std::size_t allocations_of_awaited_coroutines(const Executor& home, Spawn spawned) {
  const auto counted = [&]() -> boost::asio::awaitable<std::size_t> {
    std::size_t before = 0;
    for (std::size_t i = 0; i < (warm_up + rounds) * calls / 10; ++i) {
      if (i == warm_up * calls / 10) before = allocations_so_far();
      co_await spawned();
    }
    co_return allocations_so_far() - before;
  };
  return boost::asio::co_spawn(home, counted(), boost::asio::use_future).get();
}

template <class Pool>
std::size_t allocations_of_installs(Pool& pool) {
  return allocations_in_steady_state([&] {
    for (std::size_t i = 0; i < calls; ++i) pool.install([] {});
  });
}

}  // namespace pinfold_test
