#include <pinfold/native/detail/native_worker.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include <pinfold/detail/event.hpp>
#include <pinfold/detail/spin_pause.hpp>
#include <pinfold/detail/thread_context.hpp>
#include <pinfold/errors.hpp>
#include <pinfold/native/detail/forked_call.hpp>
#include <pinfold/native/detail/native_pool_core.hpp>

#include "probes.hpp"

namespace pinfold::detail {
namespace {

constinit native_worker no_worker;

// Looks for work before a worker parks: a few microseconds, in which most waits for a thief end.
constexpr std::uint32_t looks_before_parking = 64;

// What runs on this thread is accepted work, or part of it.
class part_of_accepted_work {
 public:
  part_of_accepted_work() noexcept { ++this_thread.task_depth; }
  part_of_accepted_work(const part_of_accepted_work&) = delete;
  part_of_accepted_work& operator=(const part_of_accepted_work&) = delete;
  ~part_of_accepted_work() { --this_thread.task_depth; }

 private:
  clocked_part clocked_;
};

}  // namespace

constinit thread_local native_worker* this_worker = &no_worker;

// --- a worker's life ---

void native_worker::open(native_pool_core& pool, std::uint32_t index, std::span<fork_slot> slots,
                         const steal_order& order) noexcept {
  reset(slots);
  pool_ = &pool;
  order_ = &order;
  index_ = index;
  random_ = index + 1;
  base_ = first();
  token_.store(0, std::memory_order_relaxed);
}

void native_worker::serve(const std::atomic<bool>& closing) noexcept {
  this_worker = this;
  work_until([&](bool) { return closing.load(); }, appetite::idle, [] { return nullptr; });
  this_worker = &no_worker;
}

void native_worker::await(const event& done) noexcept {
  constexpr std::array by_stack{appetite::waiting, appetite::deep, appetite::full};
  const auto who = by_stack[static_cast<std::size_t>(stack_in_use())];
  work_until([&](bool) { return done.is_set.load(); }, who, [] { return nullptr; });
}

// Before it sleeps the worker asks the thief to wake it. A spawned task's slot may be off the stack when what was run
// meanwhile has ended: that found the thief done with it, and used the slot itself.
void native_worker::await(fork_slot& slot) noexcept {
  const auto is_back = [&](bool will_sleep) {
    if (head() <= &slot) return true;
    const std::uint32_t state = will_sleep ? slot.state.fetch_or(is_awaited, std::memory_order_acquire)
                                           : slot.state.load(std::memory_order_acquire);
    return (state & is_done) != 0;
  };
  const auto who = stack_in_use() == stack_use::low ? appetite::joining : appetite::joining_deep;
  work_until(is_back, who, [&] { return thief_of(slot); });
}

// What the innermost function has spawned lies above the head that it found.
class native_worker::base_of_function {
 public:
  explicit base_of_function(native_worker& worker) noexcept : worker_(worker), outer_(worker.base_) {
    worker.base_ = worker.head();
  }
  base_of_function(const base_of_function&) = delete;
  base_of_function& operator=(const base_of_function&) = delete;
  ~base_of_function() { worker_.base_ = std::min(outer_, worker_.head()); }

 private:
  native_worker& worker_;
  fork_slot* const outer_;
};

// Every function of somebody else's that a worker runs, runs in a frame: what it has spawned is off the stack when it
// ends, so that the one below finds its own head again.
class native_worker::frame {
 public:
  explicit frame(native_worker& worker) noexcept : worker_(worker), base_(worker) {}
  frame(const frame&) = delete;
  frame& operator=(const frame&) = delete;
  ~frame() { worker_.run_spawned_above(worker_.base_); }

 private:
  native_worker& worker_;
  base_of_function base_;
};

// How long a worker that finds nothing goes on looking.
class native_worker::patience {
 public:
  explicit patience(const pool_spec& spec) noexcept : idle_(spec.idle), limit_(spec.spin_us) {}

  void renew() noexcept { looks_ = 0; }

  [[nodiscard]] bool lasts() noexcept {
    if (idle_ == idle_strategy::busy || looks_++ < looks_before_parking) return true;
    if (idle_ == idle_strategy::park) return false;
    const auto now = clock::now();
    if (looks_ == looks_before_parking + 1) end_ = now + limit_;
    return now < end_;
  }

 private:
  using clock = std::chrono::steady_clock;

  idle_strategy idle_;
  std::chrono::microseconds limit_;
  std::uint32_t looks_ = 0;
  clock::time_point end_;
};

// The one loop of a worker. `done` is looked at before everything else, in every turn; its argument says that the
// worker sleeps next.
template <class Done, class Leap>
void native_worker::work_until(Done done, appetite who, Leap leap) noexcept {
  patience waits(pool_->spec());
  debt owed;
  while (!done(false)) {
    answer();
    if (run_one(who, leap(), owed)) {
      waits.renew();
    } else if (waits.lasts()) {
      probes::looked_in_vain();
      spin_pause();
    } else {
      owed = sleep_unless(done, who);
      waits.renew();
    }
  }
  pay(owed);
}

// See sleepers.hpp for the protocol. Nothing that others could run stays hidden in this worker's private part.
template <class Done>
native_worker::debt native_worker::sleep_unless(Done done, appetite who) noexcept {
  while (offer()) {
  }
  sleepers& all = pool_->sleeping();
  all.add(*this, who);
  if (takes(who, work_kind::stealable)) ask_everyone();
  debt due;
  if (!done(true) && !sees_work(who)) {
    due = last_resort(who);
    if (!due) park();
  }
  if (all.leave(*this)) return due;
  return called_for_;
}

// Work that none of those who sleep takes, when all do: the last to fall asleep takes it all the same, or wakes one who
// is deep for it, since what they wait for may depend on it. While one is awake it looks here before it sleeps.
native_worker::debt native_worker::last_resort(appetite who) const noexcept {
  if (!pool_->sleeping().all_sleep()) return {};
  debt left;
  if (has_shared_task()) {
    left = work_kind::stealable;
  } else if (pool_->injected().may_have_tasks(false)) {
    left = work_kind::injected;
  }
  if (who == appetite::deep || !left) return left;
  pool_->sleeping().wake_one(*left);
  return {};
}

void native_worker::pay(debt& owed) noexcept {
  if (owed) pool_->sleeping().wake_one(*owed);
  owed.reset();
}

// The exchange takes over what the one who set the token did before, also where he came while another's woke this one.
void native_worker::park() noexcept {
  const probes::asleep watched(*pool_);
  token_.wait(0, std::memory_order_relaxed);
  token_.exchange(0, std::memory_order_acquire);
}

void native_worker::unpark() noexcept {
  if (token_.exchange(1) == 0) token_.notify_one();
}

bool native_worker::sees_work(appetite who) const noexcept {
  if (mailbox_.size(is_deep(who)) != 0) return true;
  if (takes(who, work_kind::awaited) && pool_->injected().may_have_tasks(is_deep(who))) return true;
  if (!takes(who, work_kind::stealable)) return false;
  return has_shared_task();
}

bool native_worker::has_shared_task() const noexcept {
  return std::ranges::any_of(pool_->workers(), [](const native_worker* each) { return each->has_shared(); });
}

void native_worker::ask_everyone() noexcept {
  for (native_worker* each : pool_->workers()) {
    if (each != this) each->ask();
  }
}

// --- finding work ---

// What is mailed cannot be run by anybody else. Then what this worker was woken for: others may sleep in its place.
// Then what its own functions have left on its stack. Of the rest neither steady posts nor a large recursion starves
// the other.
bool native_worker::run_one(appetite who, native_worker* leap, debt& owed) noexcept {
  if (task* const item = mailbox_.pop(is_deep(who))) {
    pay(owed);
    run_task(*item);
    return true;
  }
  if (const debt due = std::exchange(owed, std::nullopt)) {
    if (run_due(*due, who)) return true;
  }
  if (is_join(who)) {
    if (leap != nullptr && leap != this && run_stolen_of(*leap)) return true;
    return who == appetite::joining && run_stolen();
  }
  if (run_own_above(is_deep(who) ? base_ : first())) return true;
  if (who == appetite::full) return false;
  if (is_deep(who)) return run_injected(true);
  injected_first_ = !injected_first_;
  return injected_first_ ? run_injected(false) || run_stolen() : run_stolen() || run_injected(false);
}

// It may have been woken for what it would not take by itself: the last resort.
bool native_worker::run_due(work_kind due, appetite who) noexcept {
  if (due != work_kind::stealable) return run_injected(due == work_kind::awaited && is_deep(who));
  return run_stolen() || (who == appetite::deep && run_own_above(first()));
}

bool native_worker::run_any() noexcept {
  debt none;
  return stack_in_use() == stack_use::low && run_one(appetite::waiting, nullptr, none);
}

bool native_worker::run_own() noexcept { return stack_in_use() == stack_use::low && run_own_above(first()); }

// The topmost if it was spawned. A fork is taken off by its join only, but what lies below it can be run as a thief
// would.
bool native_worker::run_own_above(const fork_slot* base) noexcept {
  if (head() > base && has_spawned_on_top()) {
    run_top_spawned();
    return true;
  }
  if (!has_tasks_only_above(base)) return false;
  if (!has_shared()) offer();
  return run_stolen_of(*this);
}

void native_worker::run_task(task& item) noexcept {
  const frame here(*this);
  pool_->run(item);
}

// A wake-up stands for one task; one that was not published yet when a sleeper looked, or that was put aside, may have
// none of its own.
bool native_worker::run_injected(bool awaited_only) noexcept {
  injector& tasks = pool_->injected();
  task* const item = tasks.pop(awaited_only);
  if (pool_->sleeping().any()) {
    if (tasks.may_have_tasks(true)) {
      pool_->sleeping().wake_one(work_kind::awaited);
    } else if (tasks.may_have_tasks(false)) {
      pool_->sleeping().wake_one(work_kind::injected);
    }
  }
  if (item == nullptr) return false;
  run_task(*item);
  return true;
}

bool native_worker::run_stolen_of(native_worker& victim) noexcept {
  bool more = false;
  fork_slot* const slot = victim.steal(index_, more);
  if (slot == nullptr) return false;
  if (more) pool_->sleeping().wake_one(work_kind::stealable);
  const part_of_accepted_work part;
  const frame here(*this);
  probes::stole(*pool_, victim.index());
  slot->run(*slot, &victim);
  return true;
}

bool native_worker::run_stolen() noexcept {
  steal_ring tried{.first = 0, .end = 0};
  for (const steal_ring& ring : order_->rings[index_]) {
    const auto size = static_cast<std::uint32_t>(ring.size());
    if (size == tried.size()) continue;
    const std::uint32_t start = random(size);
    for (std::uint32_t i = 0; i < size; ++i) {
      const std::size_t at = ring.first + (start + i < size ? start + i : start + i - size);
      const std::uint32_t victim = order_->order[at];
      if (tried.contains(at) || victim == index_) continue;
      if (run_stolen_of(*pool_->workers()[victim])) return true;
    }
    tried = ring;
  }
  return false;
}

// Marsaglia's xorshift32, scaled to the range instead of divided.
std::uint32_t native_worker::random(std::uint32_t below) noexcept {
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 17U;
  random_ ^= random_ << 5U;
  return static_cast<std::uint32_t>((std::uint64_t{random_} * below) >> 32U);
}

native_worker* native_worker::thief_of(const fork_slot& slot) const noexcept {
  const std::uint32_t thief = slot.state.load(std::memory_order_relaxed) & thief_mask;
  return thief == 0 ? nullptr : pool_->workers()[thief - 1];
}

// --- forks, joins and spawned tasks ---

native_worker& require_worker(const char* function) {
  if (this_worker->pool() != nullptr) return *this_worker;
  throw outside_pool(std::string("pinfold::") + function +
                     "() was called on a thread that is no worker of a native pool: call it from a task, for example " +
                     "inside POOL.install()");
}

bool native_worker::make_room() {
  require_worker("fork");
  answer();
  if (!is_full()) return true;
  // Thieves may be through with spawned tasks up to the top.
  while (has_spawned_on_top() && is_stolen(head() - 1) &&
         (head()[-1].state.load(std::memory_order_acquire) & is_done) != 0) {
    drop_top_spawned();
  }
  if (!is_full()) return true;
  overflowed_.store(overflowed_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  return false;
}

void native_worker::answer() noexcept {
  if (is_asked()) offer();
}

// The request stays as long as others sleep that it came from.
bool native_worker::offer() noexcept {
  if (!share()) return false;
  if (pool_->sleeping().wake_one(work_kind::stealable)) ask_again();
  return true;
}

bool native_worker::join_slowly(fork_slot* slot) noexcept {
  if (slot == nullptr) return true;
  count_watched_join();
  run_spawned_above(slot + 1);
  if (head() != slot + 1) {
    std::fprintf(stderr,
                 "pinfold: a fork of %s was joined before one that was forked after it; join in reverse order\n",
                 pool_->qualified_name().c_str());
    std::terminate();
  }
  if (take_back(slot)) {
    answer();
    return true;
  }
  await(*slot);
  return false;
}

void native_worker::run_spawned_above(const fork_slot* base) noexcept {
  while (head() > base && has_spawned_on_top()) run_top_spawned();
}

void native_worker::run_top_spawned() noexcept {
  fork_slot& slot = *(head() - 1);
  if (!take_back(&slot)) {
    await(slot);
    if (head() > &slot) drop_top_spawned();
    return;
  }
  unlink_spawned(slot);
  base_ = std::min(base_, head());
  answer();
  const part_of_accepted_work part;
  const base_of_function here(*this);
  slot.run(slot, nullptr);
}

// A stolen one that its thief is done with.
void native_worker::drop_top_spawned() noexcept {
  fork_slot* const slot = head() - 1;
  unlink_spawned(*slot);
  drop_stolen(slot);
  base_ = std::min(base_, head());
}

void native_worker::spawned() noexcept {
  push_spawned();
  answer();
}

void report_abandoned(native_worker& worker, int unwinding) noexcept {
  if (unwinding == 0) worker.pool()->report_escaped(std::current_exception());
}

void native_worker::sync_all() {
  if (stack_in_use() != stack_use::low) {
    throw would_block("pinfold::sync_all() was called with more than half of the stack of a worker of " +
                      pool_->qualified_name() +
                      " in use, by calls of sync_all() above others that wait: call it in one " + "task, not in each");
  }
  const std::uint64_t begun = this_thread.gauge->own();
  const std::uint64_t own = begun - excused_;
  if (own == 0) {
    throw would_block("pinfold::sync_all() was called by a part of a task of " + pool_->qualified_name() +
                      " that another worker runs; the task waits for it: call sync_all() in the task itself");
  }
  excused_ = begun;
  pool_->gate().wait_for_others(own);
  excused_ = 0;  // also of those below on this stack: all waits end at once
}

void native_worker::mail(task& item) noexcept {
  mailbox_.push(item);
  unpark();
}

}  // namespace pinfold::detail
