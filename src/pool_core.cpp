#include <pinfold/detail/pool_core.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <string_view>

#include <pinfold/detail/counted_call.hpp>
#include <pinfold/detail/idle_waiters.hpp>
#include <pinfold/detail/topology_core.hpp>
#include <pinfold/errors.hpp>

#include "names.hpp"
#include "probes.hpp"
#include "unclaimed_error.hpp"

namespace pinfold::detail {

std::string pool_core::qualified_name() const {
  return std::string(name_of(spec_.kind)) + '.' + std::string(spec_.name);
}

void pool_core::refuse() const {
  if (is_abandoned()) {
    throw pool_stopped(qualified_name() +
                       " accepts no work: this process was forked from the one that has its threads");
  }
  throw pool_stopped(qualified_name() + " accepts no work: its topology is not running, or stops and takes new work " +
                     "only from work it accepted before; post between start() and stop(), and keep what start() " +
                     "returns for as long: its end stops the pools");
}

bool pool_core::is_abandoned() const noexcept {
  const topology_core* const own = topology_.load(std::memory_order_relaxed);
  return own != nullptr && own->is_abandoned();
}

void pool_core::refuse(std::uint64_t pieces) {
  count_refused(pieces);
  refuse();
}

pool_core& pool_core::with_workers() {
  if (spec_.threads != 0) return *this;
  throw pool_stopped(qualified_name() + " takes no tasks: it has no task workers (threads = 0), only managed threads");
}

void pool_core::admit() noexcept { running_.store(true, std::memory_order_release); }

void pool_core::require_running() const {
  if (!running_.load(std::memory_order_acquire)) refuse();
}

bool pool_core::is_on_a_thread_of_the_topology() const noexcept {
  return this_thread.role != thread_role::foreign && shares_topology(*this_thread.pool);
}

// What a task of another topology submits is foreign here: nothing waits for that task.
bool pool_core::admits_from_this_thread() const noexcept {
  const topology_core* const own = topology_.load(std::memory_order_relaxed);
  if (this_thread.acts_for != nullptr && this_thread.acts_for == own) return true;
  return this_thread.task_depth != 0 && shares_topology(*this_thread.pool);
}

bool pool_core::try_enter(std::uint64_t tasks, holding held, admission as) noexcept {
  return gate_.enter(as == admission::of_part || admits_from_this_thread(), tasks, held);
}

void pool_core::enter(std::uint64_t tasks, holding held) {
  if (!try_enter(tasks, held, admission::of_new_work)) refuse(tasks);
}

void pool_core::set_aside(task& item) noexcept {
  const std::lock_guard lock(aside_mutex_);
  aside_.push(item);
}

void pool_core::submit(task& item, std::size_t context, admission as) {
  if (!try_enter(1, holding::yes, as)) refuse(1);
  hand_over(item, context);
}

void pool_core::submit_part(task& item) {
  gate_.enter_part(1, holding::yes);
  hand_over(item, any_context);
}

void pool_core::hand_over(task& item, std::size_t context) {
  probes::posted(*this, item);
  try {
    enqueue(item, context);
  } catch (...) {
    probes::taken_back(item);
    gate_.take_back(1, holding::yes);
    throw;
  }
  gate_.let_go();
}

void pool_core::submit_or_discard(task& item, task::function discard, std::size_t context, admission as) {
  const auto discard_now = [&] {
    const bool before = std::exchange(this_thread.discards, true);
    discard(item);
    this_thread.discards = before;
  };
  if (!try_enter(1, holding::yes, as)) {
    const bool is_io_handler = is_on_a_thread_of_the_topology();
    if (!is_io_handler || !topology().tracks_coroutines() || !gate_.enter(true, 1, holding::yes)) {
      count_refused(1);
      item.run = discard;
      if (is_io_handler) {
        set_aside(item);
        return;
      }
      discard_now();
      if (!this_thread.discards) refuse();
      return;
    }
  }
  try {
    hand_over(item, context);
  } catch (...) {
    discard_now();
    throw;
  }
}

void pool_core::submit_to_each(std::span<task* const> items) {
  const auto directed =
      static_cast<std::size_t>(std::ranges::count_if(items, [](const task* item) { return item != nullptr; }));
  enter(directed, holding::yes);
  for (std::size_t worker = 0; worker < items.size(); ++worker) {
    if (items[worker] == nullptr) continue;
    probes::posted(*this, *items[worker]);
    direct(*items[worker], worker);
  }
  gate_.let_go();
}

void pool_core::run(task& item) noexcept {
  ++this_thread.task_depth;
  if (item.counts() && this_thread.gauge != nullptr) this_thread.gauge->begin();
  probes::starts(item);
  item.run(item);
  probes::finished();
  --this_thread.task_depth;
}

void pool_core::begin_outside() {
  enter(1, holding::no);
  outside_.fetch_add(1);
}

void pool_core::finish_outside() noexcept {
  outside_.fetch_sub(1);
  gate_.leave();
}

void pool_core::enqueue_or_die(task& item) noexcept {
  probes::posted(*this, item);
  try {
    enqueue(item, any_context);
  } catch (...) {
    std::fprintf(stderr, "pinfold: no memory left to hand a completion to %s\n", qualified_name().c_str());
    std::terminate();
  }
}

// The mark first: it is no more than what was accepted by then.
pool_stats pool_core::stats() const noexcept {
  const std::uint64_t high_water = gate_.high_water();
  const std::uint64_t finished = gate_.finished();
  if (is_abandoned()) {
    return {.accepted = finished, .finished = finished, .refused = refused_.load(), .queue_high_water = high_water};
  }
  std::uint64_t running = outside_.load();
  for (const work_gauge& each : gauges_) running += each.running();
  pool_stats stats{.accepted = gate_.accepted(finished + running),
                   .running = running,
                   .finished = finished,
                   .refused = refused_.load(std::memory_order_relaxed),
                   .queue_high_water = high_water};
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    const pinfold::worker_stats of_thread = read_counters(i);
    stats.stolen += of_thread.stolen;
    stats.forked_inline += of_thread.forked_inline;
    stats.parks += of_thread.parks;
    stats.wakes += of_thread.wakes;
    stats.spins += of_thread.spins;
    stats.busy += of_thread.busy;
  }
  return stats;
}

pinfold::worker_stats pool_core::worker_stats(std::size_t thread) const {
  if (thread >= gauges_.size()) {
    throw std::out_of_range(qualified_name() + " has no thread " + std::to_string(thread) + "; it has " +
                            std::to_string(gauges_.size()));
  }
  pinfold::worker_stats stats = thread < counters_.size() ? read_counters(thread) : pinfold::worker_stats{};
  stats.run = gauges_[thread].ended();
  stats.running = gauges_[thread].running();
  return stats;
}

// Woken first, so that a thread is not seen to wake more often than it parked.
pinfold::worker_stats pool_core::read_counters(std::size_t thread) const noexcept {
  const worker_counters& counted = counters_[thread];
  pinfold::worker_stats stats;
  stats.stolen = counted.stolen.get();
  stats.forked_inline = thread < spec_.threads ? forked_inline(thread) : 0;
  stats.wakes = counted.wakes.get();
  stats.parks = counted.parks.get();
  stats.spins = counted.spins.get();
  if (measures_latency()) stats.busy = latencies_[thread].busy();
  return stats;
}

latency_histogram pool_core::latency() const noexcept {
  latency_histogram all;
  for (const latency_counts& each : latencies_) each.add_to(all);
  return all;
}

std::size_t pool_core::number_of(thread_role role, std::size_t index) const noexcept {
  return role == thread_role::worker ? index : spec_.threads + index;
}

work_gauge* pool_core::gauge(thread_role role, std::size_t index) const noexcept {
  return &gauges_[number_of(role, index)];
}

worker_counters* pool_core::counters(thread_role role, std::size_t index) const noexcept {
  return counters_.empty() ? nullptr : &counters_[number_of(role, index)];
}

latency_counts* pool_core::latencies(thread_role role, std::size_t index) const noexcept {
  return latencies_.empty() ? nullptr : &latencies_[number_of(role, index)];
}

idle_waiters* pool_core::waiters() const noexcept {
  topology_core* const own = topology_.load(std::memory_order_relaxed);
  return own == nullptr ? nullptr : &own->waiters();
}

void pool_core::report_escaped(std::exception_ptr error) const noexcept {
  topology().report_escaped(*this, std::move(error));
}

// Counted as work meanwhile: the topology, and with it the handler, stays.
void pool_core::report_unclaimed(std::exception_ptr error) noexcept {
  if (const counted_call call(*this); call) {
    report_escaped(std::move(error));
    return;
  }
  print_unclaimed("a coroutine of", qualified_name().c_str(), std::move(error));
}

warning_sink* pool_core::warnings() const noexcept {
  topology_core* const own = topology_.load(std::memory_order_relaxed);
  return own == nullptr ? nullptr : &own->warnings();
}

namespace {

// What a thread that serves I/O may await in place of a call: of {pool}, by a thread of {own}. In place of any other
// call it is async_invoke().
struct asynchronous_call {
  std::string_view call;
  std::string_view spelling;
};
constexpr std::string_view on_a_blocking_thread = "{own}'s async_blocking() of a function that makes the call";
constexpr std::string_view in_an_async_scope = "{pool}'s async_scope(body)";
constexpr std::array asynchronous_calls{
    asynchronous_call{.call = "broadcast", .spelling = "{pool}'s async_invoke() of a function that makes the call"},
    asynchronous_call{.call = "scope", .spelling = in_an_async_scope},
    asynchronous_call{.call = "scope_fifo", .spelling = in_an_async_scope},
    asynchronous_call{.call = "in_place_scope", .spelling = in_an_async_scope},
    asynchronous_call{.call = "in_place_scope_fifo", .spelling = in_an_async_scope},
    asynchronous_call{.call = "multi_scope", .spelling = in_an_async_scope},
    asynchronous_call{.call = "wait_idle", .spelling = "{pool}'s wait_idle(token)"},
    asynchronous_call{.call = "future::get", .spelling = "the future's async_get(token)"},
    asynchronous_call{.call = "join", .spelling = on_a_blocking_thread},
    asynchronous_call{.call = "managed_thread::join", .spelling = on_a_blocking_thread},
};

std::string asynchronous(std::string_view call, const pool_core& pool, const pool_core& own) {
  const auto* const known = std::ranges::find(asynchronous_calls, call, &asynchronous_call::call);
  std::string text(known == asynchronous_calls.end() ? "{pool}'s async_invoke(f)" : known->spelling);
  const auto replace = [&](std::string_view word, const std::string& by) {
    const std::size_t at = text.find(word);
    if (at != std::string::npos) text.replace(at, word.size(), by);
  };
  const bool lacks_blocking_threads = text.starts_with(on_a_blocking_thread) && own.spec().blocking_threads == 0;
  replace("{pool}", pool.qualified_name());
  replace("{own}", own.qualified_name());
  return text + (lacks_blocking_threads ? " (blocking_threads = 1 in [" + own.qualified_name() + "])" : "");
}

}  // namespace

void pool_core::require_may_wait(const char* call) const {
  const pool_core* const own = this_thread.pool;
  const bool would_stall = this_thread.role == thread_role::worker && own != this &&
                           own->spec().kind == pool_kind::asio && !own->spec().allow_blocking;
  if (!would_stall) return;
  throw would_block(qualified_name() + '.' + call + "() would stall " + own->qualified_name() +
                    ", whose thread called it and serves I/O: co_await " + asynchronous(call, *this, *own) +
                    ", or set allow_blocking = true in [" + own->qualified_name() + ']');
}

std::string pool_core::waits_for_itself(const char* call) const {
  return qualified_name() + '.' + call + "() was called by a thread of the pool itself: its own work would have to " +
         "end first; wait from outside";
}

void pool_core::wait_idle(const char* call) {
  const bool runs_its_work = this_thread.role == thread_role::worker || this_thread.role == thread_role::blocking;
  if (this_thread.pool == this && runs_its_work) {
    throw would_block(waits_for_itself(call));
  }
  require_may_wait(call);
  gate_.wait_idle();
}

// Both at one moment: nothing became outstanding between a moment without and one at which the pool was idle.
void pool_core::join() {
  for (;;) {
    wait_idle("join");
    outstanding_.wait_idle();
    std::uint64_t before = 0;
    const bool none_outstanding = outstanding_.is_idle_at(before);
    wait_idle("join");
    std::uint64_t after = 0;
    if (none_outstanding && outstanding_.is_idle_at(after) && after == before) return;
  }
}

void pool_core::start(topology_core& topology) {
  topology_.store(&topology, std::memory_order_relaxed);
  gate_.observe_by(topology.waiters());
  open();
}

void pool_core::abandon() noexcept {
  running_.store(false, std::memory_order_release);
  this_thread.discards = true;
  abandon_io();
  while (task* item = aside_.pop()) item->run(*item);
  this_thread.discards = false;
}

void pool_core::abandon_in_child() noexcept {
  gate_.abandon_in_child();
  outstanding_.abandon_in_child();
  outside_.store(0);
  for (work_gauge& each : gauges_) each.abandon_in_child();
  running_.store(false);
}

void pool_core::stop() noexcept {
  this_thread.discards = true;
  close();
  this_thread.discards = false;
}

}  // namespace pinfold::detail
