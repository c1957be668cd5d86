// What start() returns: while it lives, the pools run.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <pinfold/start_error.hpp>

namespace pinfold {

namespace detail {
class topology_core;
}

/// Owns one run of a topology; movable. The members may be called from any thread, several at once, and block only
/// where said.
class running_topology {
 public:
  running_topology(detail::topology_core& core, std::uint64_t generation, std::vector<problem> problems) noexcept
      : core_(&core), generation_(generation), problems_(std::move(problems)) {}
  running_topology(running_topology&& other) noexcept
      : core_(std::exchange(other.core_, nullptr)),
        generation_(other.generation_),
        problems_(std::move(other.problems_)) {}
  running_topology& operator=(running_topology&& other) noexcept;
  ~running_topology() { stop(); }

  /// What kept pools from running as declared; empty unless `on_failure = "degrade"`.
  [[nodiscard]] std::span<const problem> problems() const noexcept { return problems_; }

  /// From now on only work that was accepted before may submit more; everything else is refused with `pool_stopped`,
  /// and what the topology's own I/O handlers submit is abandoned with the pending I/O. Managed threads that take a
  /// std::stop_token see it. Does not wait for any of it.
  void request_stop() noexcept;

  /// request_stop(), waits until all accepted work is done and the managed threads have ended, then ends the pools in
  /// reverse order and joins their threads. Pending I/O of asio pools is abandoned: its handlers are destroyed, not
  /// called. What refers to a pool's context (sockets, timers, strands) must be gone before. Blocks, also a second
  /// caller, until the topology has stopped; after that it does nothing. From a thread of the topology it ends the
  /// process with a message.
  void stop() noexcept;

  /// No pool has accepted work that is not finished. Pending I/O and managed threads do not count.
  [[nodiscard]] bool is_idle() const noexcept;

  /// Blocks until is_idle() was true. From a thread of the topology: throws `would_block`.
  void wait_idle() const;

 private:
  detail::topology_core* core_;  // nullptr: moved from
  std::uint64_t generation_;
  std::vector<problem> problems_;
};

}  // namespace pinfold
