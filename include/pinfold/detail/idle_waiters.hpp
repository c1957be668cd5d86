// Who waits asynchronously until a pool, or the whole topology, is idle.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include <pinfold/detail/task.hpp>
#include <pinfold/detail/work_gate.hpp>

namespace pinfold::detail {

class pool_core;
class topology_core;

/// One who waits. When its turn has come `completion` is run as work of `pool`; when it is cancelled `abort` is called
/// instead, by who cancels. Both end its life.
struct idle_waiter {
  pool_core& pool;
  const bool for_topology;  ///< until all pools are idle at once, else until `pool` is
  task& completion;
  void (*abort)(idle_waiter& self) noexcept;

  std::uint64_t number = 0;  // the list's
  bool is_due = false;
  idle_waiter* next = nullptr;
};

/// Those of one topology, oldest first.
///
/// States of a waiter: waiting (on the list) -> due | aborted, by who takes it off under `mutex_`. In the same step a
/// due one becomes accepted work of its pool, held until it is queued, and an aborted one a hold of it. The gates of a
/// topology close only under `mutex_`, and only while the list is empty: so nobody waits at a closed gate, none closes
/// before a completion was handed over, and what a completion submits is admitted like that of any accepted work.
/// Nothing but the list is locked while gates are looked at; code of the program runs outside.
///
/// No lost idleness: add() puts the waiter on the list, tells its gate (of the topology's waiters every gate) that it
/// is watched, and then looks at the gates itself; who makes a gate idle looks whether it is watched, and if so at the
/// whole list. work_gate says why one of the two sees the other. A look at all gates that fails because one of them
/// accepted something meanwhile is made again by who finishes that. tests/model/idle_waiters.pml is this for the model
/// checker.
class idle_waiters final : public idle_observer {
 public:
  explicit constexpr idle_waiters(const topology_core& topology) noexcept : topology_(topology) {}
  idle_waiters(const idle_waiters&) = delete;
  idle_waiters& operator=(const idle_waiters&) = delete;

  /// The gates open.
  void open() noexcept;

  /// `close()` closes all gates, or returns false. Is not called, and the waiters are handed over, where there are any.
  template <class Close>
  [[nodiscard]] bool close_if_none(Close close) noexcept {
    {
      const std::lock_guard lock(mutex_);
      if (first_ == nullptr) {
        open_ = !close();
        return !open_;
      }
    }
    gate_is_idle();
    return false;
  }

  /// What cancel() takes, for a waiter that has it as its number.
  [[nodiscard]] std::uint64_t new_number() noexcept;

  /// False: the gates are closed, so everything is idle. Else the waiter may be gone on return.
  [[nodiscard]] bool add(idle_waiter& waiter) noexcept;

  /// Aborts it if it still waits; looks through the list.
  void cancel(std::uint64_t number) noexcept;

  /// The gates are closed for ever; who waits does not hear of it.
  void abandon_in_child() noexcept {
    std::construct_at(&mutex_);
    open_ = false;
    first_ = nullptr;
  }

  /// Hands over all whose turn has come.
  void gate_is_idle() noexcept override;

 private:
  void watch(const idle_waiter& waiter) const noexcept;
  void unwatch(const idle_waiter& waiter) const noexcept;
  [[nodiscard]] idle_waiter* take_due() noexcept;

  const topology_core& topology_;
  std::mutex mutex_;
  bool open_ = false;  // guarded by mutex_, like all that follows
  std::uint64_t numbers_ = 0;
  idle_waiter* first_ = nullptr;
};

}  // namespace pinfold::detail
