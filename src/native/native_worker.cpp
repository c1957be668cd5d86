#include <pinfold/native/detail/native_worker.hpp>

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

namespace pinfold::detail {
namespace {

constinit native_worker no_worker;

// A task that runs inside a wait takes stack and holds up the wait below it. From this depth on a waiting worker takes
// only tasks that somebody waits for; deep enough for pools that install into each other in earnest, far from the end of
// a 64 KiB stack.
constexpr std::uint32_t deepest_help = 8;
// A join waits for a part of its own work, which is finite: deeper, but from here on it takes only what its thief forked.
constexpr std::uint32_t deepest_steal = 64;

// Looks for work before a worker parks: a few microseconds, in which most waits for a thief end.
constexpr std::uint32_t looks_before_parking = 64;

// One more function of the pool on this thread's stack.
class deeper {
 public:
  deeper() noexcept { ++this_thread.task_depth; }
  deeper(const deeper&) = delete;
  deeper& operator=(const deeper&) = delete;
  ~deeper() { --this_thread.task_depth; }
};

}  // namespace

constinit thread_local native_worker* this_worker = &no_worker;

// --- mailbox and shelf ---

void mailbox::push(task& item) noexcept {
  const std::lock_guard lock(mutex_);
  tasks_.push(item);
  count_.fetch_add(1);
}

task* mailbox::pop() noexcept {
  if (count_.load(std::memory_order_relaxed) == 0) return nullptr;
  const std::lock_guard lock(mutex_);
  count_.fetch_sub(1, std::memory_order_relaxed);
  return tasks_.pop();
}

void fifo_shelf::push(entry& item) noexcept {
  const std::lock_guard lock(mutex_);
  item.next = nullptr;
  if (first_ == nullptr) {
    first_ = &item;
  } else {
    last_->next = &item;
  }
  last_ = &item;
}

fifo_shelf::entry& fifo_shelf::pop(const void* scope) noexcept {
  const std::lock_guard lock(mutex_);
  entry* before = nullptr;
  entry* item = first_;
  while (item->scope != scope) before = std::exchange(item, static_cast<entry*>(item->next));
  auto* const next = static_cast<entry*>(item->next);
  if (before == nullptr) {
    first_ = next;
  } else {
    before->next = next;
  }
  if (last_ == item) last_ = before;
  return *item;
}

// --- a worker's life ---

void native_worker::open(native_pool_core& pool, std::uint32_t index, std::span<fork_slot> slots,
                         const steal_order& order) noexcept {
  reset(slots);
  pool_ = &pool;
  order_ = &order;
  index_ = index;
  random_ = index + 1;
  token_.store(0, std::memory_order_relaxed);
}

void native_worker::serve(const std::atomic<bool>& closing) noexcept {
  this_worker = this;
  work_until([&](bool) { return closing.load(); }, appetite::everything, [] { return nullptr; });
  this_worker = &no_worker;
}

void native_worker::await(const event& done) noexcept {
  const auto who = this_thread.task_depth < deepest_help ? appetite::everything : appetite::awaited;
  work_until([&](bool) { return done.is_set.load(); }, who, [] { return nullptr; });
}

// Before it sleeps the worker asks the thief to wake it.
void native_worker::await(fork_slot& slot) noexcept {
  const auto is_back = [&](bool will_sleep) {
    const std::uint32_t state = will_sleep ? slot.state.fetch_or(is_awaited, std::memory_order_acquire)
                                           : slot.state.load(std::memory_order_acquire);
    return (state & is_done) != 0;
  };
  work_until(is_back, appetite::stolen, [&] { return thief_of(slot); });
}

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

// The one loop of a worker. `done` is looked at before everything else, in every turn; its argument says that the worker
// sleeps next.
template <class Done, class Leap>
void native_worker::work_until(Done done, appetite who, Leap leap) noexcept {
  patience waits(pool_->spec());
  const work_kind usual = this_thread.task_depth == 0 ? work_kind::injected : work_kind::stealable;
  work_kind first = usual;
  while (!done(false)) {
    if (run_one(who, leap(), first)) {
      waits.renew();
      first = usual;
    } else if (waits.lasts()) {
      spin_pause();
    } else {
      sleep_unless(done, who, first);
      waits.renew();
    }
  }
}

// See sleepers.hpp for the protocol. Nothing that others could run stays hidden in this worker's private part.
// `called_for`: what it was woken for, if so.
template <class Done>
void native_worker::sleep_unless(Done done, appetite who, work_kind& called_for) noexcept {
  while (offer()) {
  }
  sleepers& all = pool_->sleeping();
  all.add(*this, who);
  if (who != appetite::awaited) ask_everyone();
  if (!done(true) && !sees_work(who)) park();
  if (all.leave(*this)) return;
  called_for = called_for_;
  if (done(false)) all.wake_one(called_for);
}

// The exchange takes over what the one who set the token did before, also where he came while another's woke this one.
void native_worker::park() noexcept {
  token_.wait(0, std::memory_order_relaxed);
  token_.exchange(0, std::memory_order_acquire);
}

void native_worker::unpark() noexcept {
  if (token_.exchange(1) == 0) token_.notify_one();
}

bool native_worker::sees_work(appetite who) const noexcept {
  if (!mailbox_.empty()) return true;
  if (who == appetite::awaited) return pool_->injected().may_have_awaited();
  if (who == appetite::everything && pool_->injected().has_tasks()) return true;
  for (const native_worker* each : pool_->workers()) {
    if (each->has_shared()) return true;
  }
  return false;
}

void native_worker::ask_everyone() noexcept {
  for (native_worker* each : pool_->workers()) {
    if (each != this) each->ask();
  }
}

// --- finding work ---

bool native_worker::run_one(appetite who, native_worker* leap, work_kind first) noexcept {
  if (run_mail()) return true;
  if (who == appetite::stolen) return run_stolen(leap);
  if (who == appetite::awaited) return run_injected(who);
  if (run_own()) return true;
  if (first != work_kind::stealable && run_injected(who)) return true;
  return run_stolen(nullptr) || (first == work_kind::stealable && run_injected(who));
}

bool native_worker::run_any() noexcept { return run_one(appetite::everything, nullptr, work_kind::stealable); }

bool native_worker::run_mail() noexcept {
  task* const item = mailbox_.pop();
  if (item == nullptr) return false;
  run_counted([&] { pool_->run(*item); });
  return true;
}

// The oldest, as a thief would: what lies on top may be a fork, which only its join takes off.
bool native_worker::run_own() noexcept {
  if (!has_tasks()) return false;
  if (has_spawned_on_top()) {
    run_top_spawned();
    return true;
  }
  if (!has_shared()) offer();
  return run_stolen_of(*this);
}

bool native_worker::run_injected(appetite who) noexcept {
  injector& tasks = pool_->injected();
  task* const item = who == appetite::awaited ? tasks.pop_awaited() : tasks.pop();
  // A wake-up stands for one task; one that was not published yet when its neighbours' sleepers looked, or that was put
  // aside, has none of its own.
  if (pool_->sleeping().any() && tasks.has_tasks()) pool_->sleeping().wake_one(work_kind::injected);
  if (item == nullptr) return false;
  run_counted([&] { pool_->run(*item); });
  return true;
}

bool native_worker::run_stolen_of(native_worker& victim) noexcept {
  bool more = false;
  fork_slot* const slot = victim.steal(index_, more);
  if (slot == nullptr) return false;
  if (more) pool_->sleeping().wake_one(work_kind::stealable);
  const fork_slot* const base = head();
  const deeper frame;
  slot->run(*slot, &victim);
  run_spawned_above(base);
  return true;
}

bool native_worker::run_stolen(native_worker* leap) noexcept {
  if (leap != nullptr && leap != this && run_stolen_of(*leap)) return true;
  if (this_thread.task_depth >= deepest_steal) return false;
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
    std::fprintf(stderr, "pinfold: a fork of %s was joined before one that was forked after it; join in reverse order\n",
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
  if (take_back(&slot)) {
    unlink_spawned(slot);
    answer();
    const deeper frame;
    slot.run(slot, nullptr);
  } else {
    await(slot);
    unlink_spawned(slot);
    drop_stolen(&slot);
  }
}

void native_worker::spawned() noexcept {
  push_spawned();
  answer();
}

void report_abandoned(native_worker& worker, int unwinding) noexcept {
  if (unwinding == 0) worker.pool()->report_escaped(std::current_exception());
}

void native_worker::sync_all() noexcept { pool_->gate().wait_for_others(counted_); }

void native_worker::mail(task& item) noexcept {
  mailbox_.push(item);
  unpark();
}

}  // namespace pinfold::detail
