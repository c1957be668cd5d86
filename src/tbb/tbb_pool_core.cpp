#include <pinfold/tbb/detail/tbb_pool_core.hpp>

#include <oneapi/tbb/global_control.h>
#include <algorithm>
#include <chrono>
#include <thread>

#include <pinfold/detail/spin_pause.hpp>
#include <pinfold/detail/topology_core.hpp>
#include <pinfold/detail/vain_looks.hpp>

#include "probes.hpp"

namespace pinfold::detail {

namespace tbb = oneapi::tbb;

namespace {

constexpr std::size_t queue_cells = 1024;  // tasks that are stored; what waits beyond it is linked
// Tasks that an answer runs before TBB's own have their turn.
constexpr int tasks_a_turn = 64;
// How long a looker keeps TBB from its turn.
constexpr std::chrono::microseconds look_turn{20};
// How long "park" looks on before it leaves the rest to TBB, which looks for more than five times as long before it
// sleeps; as TBB does it lets others have the processor now and then.
constexpr std::chrono::microseconds look_before_parking{100};
constexpr unsigned looks_before_yielding = 16;

}  // namespace

void tbb_pool_core::open() {
  open_queue(queue_cells);
  closing_.store(false);
  arena_is_shared_.store(false);
  served_arena& served = served_.emplace(std::max(2, static_cast<int>(spec().threads)));
  try {
    if (topology().facts().process.stray_tbb == stray_tbb::serial) served.strays.emplace();
    served.arena.initialize();
    served.stay = served.residents.defer([] {});
  } catch (...) {
    served_.reset();
    throw;
  }
}

std::size_t tbb_pool_core::stack_bytes() const noexcept {
  constexpr std::size_t default_stack = 4U << 20U;
  const std::size_t configured = tbb::global_control::active_value(tbb::global_control::thread_stack_size);
  return pool_core::stack_bytes() + (std::max(configured, default_stack) / 2);
}

// TBB spreads a task's parallel work over all workers: whatever runs here counts as accepted work's.
void tbb_pool_core::work(thread_role, std::size_t index) {
  this_thread.task_depth = 1;
  served_->arena.execute([this, index] {
    if (index == 0 && spec().idle == idle_strategy::busy) ring_for_the_first_look();
    served_->residents.wait();
  });
  (void)closing_.load(std::memory_order_acquire);
}

// A topology may be stopped again while its workers are on their way. Looking right here would do but for the tasks
// found: in their own waits TBB would offer them rings.
void tbb_pool_core::ring_for_the_first_look() noexcept {
  rings_.fetch_add(1);
  closing_.load() ? end_ring() : ring_again(end_of_patience());
}

// What the stopping thread did before happens before the end of the workers by TBB's means too; thread sanitizers do
// not see inside it, so they get closing_.
void tbb_pool_core::release() noexcept {
  closing_.store(true);
  while (rings_.load() != 0) std::this_thread::yield();
  served_->stay = {};
}

void tbb_pool_core::close() noexcept { served_.reset(); }

void tbb_pool_core::enqueue(task& item, std::size_t) {
  queue().push(item);
  if (!looking_.load()) ring_if_needed();
}

void tbb_pool_core::ring_if_needed() noexcept {
  if (unanswered_.load() < spec().threads) ring_or_die(0);
}

// A thread that came into the arena by itself (arena().execute() from outside) must not run the pool's work.
template <class PassOn>
bool tbb_pool_core::is_for_this_thread(const PassOn& pass_on) noexcept {
  if (this_thread.works_for(this)) return true;
  pass_on();
  std::this_thread::sleep_for(std::chrono::microseconds(50));
  return false;
}

void tbb_pool_core::ring(std::size_t) {
  rings_.fetch_add(1, std::memory_order_relaxed);
  send_ring(end_of_patience());
}

void tbb_pool_core::ring_for_part(std::size_t index) {
  rings_.fetch_add(1, std::memory_order_relaxed);
  served_->arena.enqueue([this, index] {
    if (is_for_this_thread([this, index] { ring_for_part_or_die(index); })) {
      answer_part_ring(index);
      if (may_look()) {
        serve_and_look(end_of_patience());
        return;
      }
    }
    end_ring();
  });
}

// A ring that is on the count already.
void tbb_pool_core::send_ring(clock::time_point look_until) {
  unanswered_.fetch_add(1);
  served_->arena.enqueue([this, look_until] {
    unanswered_.fetch_sub(1);
    is_for_this_thread([this] { ring_or_die(0); }) ? serve_and_look(look_until) : end_ring();
  });
}

// Until it has ended its ring, which others count on.
void tbb_pool_core::serve_and_look(clock::time_point look_until) noexcept {
  for (;;) {
    const served did = serve_turn();
    if (did == served::a_turn) {
      ring_again(end_of_patience());
      return;
    }
    if (!may_look()) {
      end_ring();
      return;
    }
    if (end_ring_beside_another()) return;
    if (did == served::tasks) look_until = end_of_patience();
    if (look_for_tasks(std::min(clock::now() + look_turn, look_until)) || !may_look()) continue;
    clock::now() < look_until ? ring_again(look_until) : end_ring();
    return;
  }
}

tbb_pool_core::served tbb_pool_core::serve_turn() noexcept {
  served did = served::nothing;
  vain_looks unpublished;
  for (int i = 0; i < tasks_a_turn; ++i) {
    task* const item = queue().try_pop(this_thread.index);
    if (item == nullptr && queue().may_have_shared()) {
      unpublished.pause();
      continue;
    }
    if (item == nullptr) {
      pass_on_ring(this_thread.index);
      return did;
    }
    if (queue().has_directed()) ring_if_needed();  // this ring may have been another worker's
    ring_for_others();
    run(*item);
    did = served::tasks;
  }
  return served::a_turn;
}

// Nobody rings for what is handed over while somebody looks: who takes one task sees to the next.
void tbb_pool_core::ring_for_others() noexcept {
  if (spec().threads == 1) return;
  if (unanswered_.load() == 0 && queue().may_have_shared()) ring_or_die(0);
}

bool tbb_pool_core::may_look() const noexcept { return !arena_is_shared_.load() && !closing_.load(); }

// True: there is a task, or another ring. While it lets others have the processor it looks at nothing, and says so.
bool tbb_pool_core::look_for_tasks(clock::time_point end) noexcept {
  looking_.store(true);
  const auto found = [this] { return queue().may_have_shared() || rings_.load() != 1; };
  const bool yields = spec().idle == idle_strategy::park;
  for (unsigned looks = 1; !found() && may_look() && clock::now() < end; ++looks) {
    probes::looked_in_vain();
    if (!yields || looks % looks_before_yielding != 0) {
      spin_pause();
      continue;
    }
    looking_.store(false);
    if (found()) break;
    std::this_thread::yield();
    looking_.store(true);
  }
  looking_.store(false);
  return found();
}

tbb_pool_core::clock::time_point tbb_pool_core::end_of_patience() const noexcept {
  switch (spec().idle) {
    case idle_strategy::park:
      return clock::now() + look_before_parking;
    case idle_strategy::spin:
      return clock::now() + std::max(std::chrono::microseconds(spec().spin_us), look_before_parking);
    case idle_strategy::busy:
      return clock::time_point::max();
  }
  return {};
}

void tbb_pool_core::end_ring() noexcept { rings_.fetch_sub(1, std::memory_order_release); }

bool tbb_pool_core::end_ring_beside_another() noexcept {
  std::size_t rings = rings_.load();
  while (rings > 1) {
    if (rings_.compare_exchange_weak(rings, rings - 1)) return true;
  }
  return false;
}

// TBB has its turn. The place on the count goes over to the new ring, which may be answered at once: who answers it is
// to find no other.
void tbb_pool_core::ring_again(clock::time_point look_until) noexcept {
  or_die([&] { send_ring(look_until); });
}

tbb::task_arena& tbb_pool_core::arena() {
  require_running();
  arena_is_shared_.store(true);
  return served_->arena;
}

boost::asio::execution_context& tbb_pool_core::execution_context(std::size_t) {
  require_running();
  return served_->context;
}

}  // namespace pinfold::detail
