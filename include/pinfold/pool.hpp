// What every pool offers, whatever its kind.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>

#include <pinfold/executor.hpp>
#include <pinfold/latency_histogram.hpp>
#include <pinfold/pool_spec.hpp>
#include <pinfold/pool_stats.hpp>

namespace pinfold {

namespace detail {
struct sample_task {
  int operator()() const { return 0; }
};
struct sample_body {
  template <class Scope>
  int operator()(Scope&) const {
    return 0;
  }
};
}  // namespace detail

/// The contract of a pool; the members' documentation is in detail/basic_pool.hpp.
template <class P>
concept pool = requires(P& p, const P& constant, detail::sample_task f, detail::sample_body body) {
  { P::spec } -> std::same_as<const pool_spec&>;
  { P::size() } -> std::same_as<std::size_t>;
  { p.get_executor() } -> std::same_as<executor>;
  p.post(f);
  { p.install(f) } -> std::same_as<int>;
  p.async_invoke(f);
  { p.scope(body) } -> std::same_as<int>;
  { p.in_place_scope(body) } -> std::same_as<int>;
  { p.broadcast(f)[0] } -> std::same_as<int&>;
  { constant.contains_this_thread() } -> std::same_as<bool>;
  { constant.this_thread_index() } -> std::same_as<std::optional<std::size_t>>;
  { constant.stats() } -> std::same_as<pool_stats>;
  { constant.worker_stats(0) } -> std::same_as<worker_stats>;
  { constant.latency() } -> std::same_as<latency_histogram>;
  { constant.is_idle() } -> std::same_as<bool>;
  p.wait_idle();
  p.async_wait_idle();
  p.join();
};

}  // namespace pinfold
