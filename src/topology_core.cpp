#include <pinfold/detail/topology_core.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <pinfold/detail/pool_core.hpp>

#include "handlers.hpp"
#include "topology_run.hpp"

namespace pinfold::detail {

void join_threads(topology_run& run, const pool_core& of_pool) {
  for (pool_thread& thread : run.threads) {
    if (thread.created && thread.plan.pool == &of_pool) os::join(thread.handle);
  }
}

bool topology_core::tracks_coroutines() const noexcept {
  return std::ranges::any_of(facts_.pools, [](pool_core* pool) { return !pool->tracked().empty(); });
}

void topology_core::request_stop(std::uint64_t generation) noexcept {
  {
    const std::lock_guard short_lock(run_mutex_);
    if (run_ == nullptr || generation_ != generation) return;
    run_->is_to_stop = true;
    for (pool_core* pool : facts_.pools) pool->gate().refuse_foreigners();
    // While one gate is held none closes, and this run does not end.
    if (facts_.pools.empty() || !facts_.pools.front()->gate().enter(true, 0, holding::yes)) return;
  }
  for (pool_core* pool : facts_.pools) {
    pool->request_stop();
    pool->tracked().request_stop();
  }
  facts_.pools.front()->gate().let_go();
}

// Accepted work may submit to any pool, so one idle pool says nothing: what counts is a look at all of them during
// which none accepted anything. Then each, idle at its turn, is idle still. is_idle() and drain() rest on this.
bool topology_core::is_idle() const noexcept {
  const auto are_idle_at = [this](std::uint64_t& sum) {  // of numbers that only grow: equal only if each is
    return std::ranges::all_of(facts_.pools, [&](const pool_core* pool) {
      std::uint64_t accepted = 0;
      const bool idle = pool->gate().is_idle_at(accepted);
      sum += accepted;
      return idle;
    });
  };
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  return are_idle_at(before) && are_idle_at(after) && before == after;
}

pool_core& topology_core::pool_with_workers() const {
  for (pool_core* pool : facts_.pools) {
    if (pool->spec().threads != 0) return *pool;
  }
  throw std::logic_error("topology '" + std::string(facts_.name) + "' has no task workers, only managed threads: " +
                         "it has no work whose end an asynchronous wait could wait for");
}

void topology_core::wait_idle() const {
  for (pool_core* pool : facts_.pools) {
    if (this_thread.pool == pool) throw would_block(pool->waits_for_itself("wait_idle"));
    pool->require_may_wait("wait_idle");
  }
  while (!is_idle()) {
    for (pool_core* pool : facts_.pools) pool->wait_idle();
  }
}

// tests/model/closing.pml is this loop for the model checker.
bool topology_core::drain(deadline limit) noexcept {
  for (;;) {
    for (std::size_t i = facts_.pools.size(); i-- > 0;) {
      pool_core& pool = *facts_.pools[i];
      if (!pool.join_managed_threads(limit)) return false;
      while (!pool.gate().remember()) {
        if (!pool.gate().wait_idle_until(limit)) return false;
      }
    }
    if (close_gates()) return true;
    if (has_passed(limit)) return false;
  }
}

// Where no gate has changed since it was found idle, all were idle at once when the last was: no task is left that a
// closed gate could refuse. Nor a managed thread, if none is on a list after that: one that was being born held its
// gate, and who bears one later must be accepted work. While that is looked at, nobody who waits asynchronously becomes
// work. Only then are the gates closed, which can fail for a foreigner who was counted and is not refused yet.
bool topology_core::close_gates() noexcept {
  const auto has_threads = [](const pool_core* pool) { return pool->has_managed_threads(); };
  const auto unchanged = [](const pool_core* pool) { return pool->gate().is_as_remembered(); };
  if (std::ranges::any_of(facts_.pools, has_threads)) return false;
  return waiters_.close_if_none([&] {
    if (!std::ranges::all_of(facts_.pools, unchanged)) return false;
    for (std::size_t closed = 0; closed < facts_.pools.size(); ++closed) {
      if (facts_.pools[closed]->gate().try_close()) continue;
      while (closed-- > 0) facts_.pools[closed]->gate().drain();
      return false;
    }
    return true;
  });
}

bool topology_core::is_own_thread() const noexcept {
  if (drift_watch::runs_here(*this)) return true;
  return std::ranges::any_of(facts_.pools, [](const pool_core* pool) { return this_thread.pool == pool; });
}

void topology_core::die_if_own_thread() const noexcept {
  if (is_abandoned_ || !is_own_thread()) return;
  std::fprintf(stderr, "pinfold: topology '%s' was stopped by its own thread %s, which cannot join itself\n",
               std::string(facts_.name).c_str(), os::thread_name().c_str());
  std::terminate();
}

// Refuses at once, also while another thread has the turn.
bool topology_core::stop(std::uint64_t generation, deadline limit) noexcept {
  die_if_own_thread();
  if (!turn_.try_take()) {
    request_stop(generation);
    if (!turn_.take_until(limit)) return false;
  }
  const turn_guard own(turn_);
  if (!is_current(generation)) return true;
  request_stop(generation);
  return end_run(limit);
}

bool topology_core::end_run(deadline limit) noexcept {
  run_->watch.request_end();
  if (!run_->is_drained && !drain(limit)) return false;
  run_->is_drained = true;
  for (; run_->ended < facts_.pools.size(); ++run_->ended) {
    pool_core& pool = *facts_.pools[facts_.pools.size() - 1 - run_->ended];
    pool.release();
    if (!run_->ends.wait_for_all_of(pool, run_->threads, limit)) return false;
    join_threads(*run_, pool);
  }
  if (!run_->watch.end(limit)) return false;
  // What waits for I/O in one pool may hold sockets and timers of another: all of it goes before any context does.
  for (std::size_t i = facts_.pools.size(); i-- > 0;) facts_.pools[i]->abandon();
  for (std::size_t i = facts_.pools.size(); i-- > 0;) facts_.pools[i]->stop();
  warnings_.close();
  std::unique_ptr<topology_run> ended;  // what its options have captured may use this topology as it goes
  {
    const std::lock_guard short_lock(run_mutex_);
    run_->traces.end();
    ended.reset(std::exchange(run_, nullptr));
    current_run_.store(0, std::memory_order_release);
  }
  return true;
}

// A start or stop that another thread is in ends in the parent only.
void topology_core::abandon_in_child() noexcept {
  const bool was_in_turn = turn_.abandon_in_child();
  if (run_ == nullptr && !was_in_turn) return;
  for (pool_core* pool : facts_.pools) pool->abandon_in_child();
  waiters_.abandon_in_child();
  run_ = nullptr;
  current_run_.store(0);
  is_abandoned_ = true;
}

void topology_core::report_escaped(const pool_core& pool, std::exception_ptr error) noexcept {
  const std::string name = pool.qualified_name();
  const std::string thread = os::thread_name();
  if (run_ != nullptr && run_->options.on_exception) {
    call_handler("start_options::on_exception",
                 [&] { run_->options.on_exception({.pool = name, .thread = thread, .error = std::move(error)}); });
    return;
  }
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& known) {
    std::fprintf(stderr, "pinfold: exception escaped from a task of %s on thread %s: %s\n", name.c_str(),
                 thread.c_str(), known.what());
  } catch (...) {
    std::fprintf(stderr, "pinfold: exception of unknown type escaped from a task of %s on thread %s\n", name.c_str(),
                 thread.c_str());
  }
  std::terminate();
}

}  // namespace pinfold::detail
