#include <pinfold/tbb/detail/tbb_pool_core.hpp>

#include <oneapi/tbb/global_control.h>
#include <algorithm>
#include <chrono>
#include <thread>

#include <pinfold/detail/topology_core.hpp>

namespace pinfold::detail {

namespace tbb = oneapi::tbb;

void tbb_pool_core::open() {
  open_queue();
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
void tbb_pool_core::work(thread_role, std::size_t) {
  this_thread.task_depth = 1;
  served_->arena.execute([this] { served_->residents.wait(); });
  (void)rings_.load(std::memory_order_acquire);
}

// What the stopping thread did before happens before the end of the workers by TBB's means too; thread sanitizers do
// not see inside it.
void tbb_pool_core::release() noexcept {
  while (rings_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
  rings_.store(0, std::memory_order_release);
  served_->stay = {};
}

void tbb_pool_core::close() noexcept { served_.reset(); }

void tbb_pool_core::enqueue(task& item, std::size_t) {
  queue().push(item);
  ring_if_needed();
}

void tbb_pool_core::ring_if_needed() {
  if (unanswered_.load() < spec().threads) ring_or_die(0);
}

// A thread that came into the arena by itself (arena().execute() from outside) must not run the pool's work.
template <class Answer, class PassOn>
void tbb_pool_core::answer_as_worker(const Answer& answer, const PassOn& pass_on) noexcept {
  if (this_thread.works_for(this)) {
    answer();
  } else {
    pass_on();
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  rings_.fetch_sub(1, std::memory_order_release);
}

void tbb_pool_core::ring(std::size_t) {
  rings_.fetch_add(1, std::memory_order_relaxed);
  unanswered_.fetch_add(1);
  served_->arena.enqueue([this] {
    unanswered_.fetch_sub(1);
    answer_as_worker([this] { serve_queue(); }, [this] { ring_or_die(0); });
  });
}

void tbb_pool_core::ring_for_part(std::size_t index) {
  rings_.fetch_add(1, std::memory_order_relaxed);
  served_->arena.enqueue([this, index] {
    answer_as_worker([this, index] { answer_part_ring(index); }, [this, index] { ring_for_part_or_die(index); });
  });
}

void tbb_pool_core::serve_queue() {
  constexpr int turn = 64;
  for (int i = 0; i < turn; ++i) {
    task* const item = queue().try_pop(this_thread.index);
    if (item == nullptr) {
      pass_on_ring(this_thread.index);
      return;
    }
    if (queue().has_directed()) ring_if_needed();  // this ring may have been another worker's
    run(*item);
  }
  ring_if_needed();
}

tbb::task_arena& tbb_pool_core::arena() {
  require_running();
  return served_->arena;
}

boost::asio::execution_context& tbb_pool_core::execution_context(std::size_t) {
  require_running();
  return served_->context;
}

}  // namespace pinfold::detail
