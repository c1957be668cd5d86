#include <pinfold/asio/detail/asio_pool_core.hpp>

#include <boost/asio/execution/allocator.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/require.hpp>
#include <chrono>
#include <stdexcept>
#include <string>

#include <pinfold/detail/spin_pause.hpp>
#include <pinfold/errors.hpp>

#include "probes.hpp"

namespace pinfold::detail {

namespace asio = boost::asio;

namespace {

constexpr std::size_t blocking_cells = 64;  // tasks for blocking threads that are stored, not linked

}  // namespace

void asio_pool_core::open() {
  open_queue(1);  // shared tasks go through the io_context or the inbox
  const auto threads = static_cast<int>(contexts_.size() == 1 ? spec().threads : 1);
  if (spec().blocking_threads != 0) {
    if (!has_blocking_) blocking_.emplace(*this, spec().blocking_threads, blocking_cells);
    has_blocking_ = true;
    blocking_->open();
  }
  std::size_t opened = 0;
  try {
    for (; opened < contexts_.size(); ++opened) contexts_[opened].emplace(threads);
  } catch (...) {
    while (opened-- > 0) contexts_[opened].reset();
    throw;
  }
}

void asio_pool_core::release() noexcept {
  for (lazy<served_context>& each : contexts_) each->stop();
  if (has_blocking_) blocking_->close();
}

void asio_pool_core::abandon_io() noexcept {
  for (lazy<served_context>& each : contexts_) each->abandon();
}

void asio_pool_core::close() noexcept {
  for (lazy<served_context>& each : contexts_) each.reset();
}

void asio_pool_core::work(thread_role role, std::size_t index) {
  if (role == thread_role::worker) {
    serve(context_of_worker(index));
  } else {
    while (task* item = blocking_->pop(index)) run(*item);
  }
}

namespace {

using clock = std::chrono::steady_clock;

// Looks at the inbox between two polls of the io_context: a poll is a system call of about 0.3 us.
constexpr int looks = 8;
// What runs at most of tasks or of handlers before the others have their turn.
constexpr int turn = 64;

// The calling thread has answered a ring, and has not looked at the inbox since.
constinit thread_local bool rung = false;

// Runs tasks and handlers. False: there were none.
bool serve_turn(asio::io_context& context, inbox& in) {
  int tasks = 0;
  for (int in_vain = 0; in_vain < looks && tasks < turn;) {
    if (task* const item = in.tasks.pop(false)) {
      pool_core::run(*item);
      ++tasks;
      in_vain = 0;
    } else {
      probes::looked_in_vain();
      spin_pause();
      ++in_vain;
    }
  }
  int handlers = 0;
  rung = false;
  while (handlers < turn && !rung && context.poll_one() != 0) ++handlers;
  return tasks + handlers != 0;
}

// Sleeps until there is a task or an event.
void sleep_in(asio::io_context& context, inbox& in) {
  struct parked_thread {
    explicit parked_thread(inbox& at) noexcept : in(at) { in.parked.fetch_add(1); }
    ~parked_thread() { in.parked.fetch_sub(1); }
    inbox& in;
  } const parked(in);
  if (in.tasks.may_have_tasks(false)) return;
  const probes::asleep watched(*this_thread.pool);
  context.run_one();
}

}  // namespace

// Returns once the context is stopped; throws what a handler throws.
void asio_pool_core::look_around(asio::io_context& context, inbox& in) {
  const bool sleeps = spec().idle == idle_strategy::spin;
  const std::chrono::microseconds patience(spec().spin_us);
  auto idle_since = clock::now();
  for (;;) {
    if (serve_turn(context, in)) {
      if (sleeps) idle_since = clock::now();
      continue;
    }
    if (context.stopped()) return;
    if (!sleeps || clock::now() - idle_since < patience) continue;
    sleep_in(context, in);
    idle_since = clock::now();
  }
}

void asio_pool_core::serve(std::size_t index) {
  asio::io_context& context = *contexts_[index];
  while (!context.stopped()) {
    try {
      if (inboxes_.empty()) {
        context.run();
      } else {
        look_around(context, inboxes_[index]);
      }
    } catch (const pool_stopped&) {
      // While the topology drains, I/O still completes, and its handlers may try to submit: the refusal ends them.
      if (gate().is_open()) report_escaped(std::current_exception());
    } catch (...) {
      report_escaped(std::current_exception());
    }
  }
}

std::size_t asio_pool_core::context_of_worker(std::size_t index) const noexcept {
  return contexts_.size() == 1 ? 0 : index;
}

std::size_t asio_pool_core::choose(std::size_t context) noexcept {
  if (context != any_context) return context;
  if (contexts_.size() == 1) return 0;
  if (this_thread.works_for(this)) return this_thread.index;
  return next_context_.fetch_add(1, std::memory_order_relaxed) % contexts_.size();
}

asio::io_context& asio_pool_core::context(std::size_t index) {
  require_running();
  if (index != any_context && index >= contexts_.size()) {
    throw std::out_of_range(qualified_name() + " has no context " + std::to_string(index) + "; it has " +
                            std::to_string(contexts_.size()));
  }
  return *contexts_[choose(index)];
}

bool asio_pool_core::serves_on_this_thread(std::size_t context) const noexcept {
  return this_thread.works_for(this) && (context == any_context || context == context_of_worker(this_thread.index));
}

template <class F>
void asio_pool_core::post_to(std::size_t context, F&& f) {
  asio::require(contexts_[context]->get_executor(), asio::execution::blocking.never,
                asio::execution::allocator(slab_allocator<void>(slab())))
      .execute(std::forward<F>(f));
}

void asio_pool_core::enqueue(task& item, std::size_t context) {
  const std::size_t index = choose(context);
  if (inboxes_.empty()) {
    post_to(index, [&item] { run(item); });
    return;
  }
  inbox& in = inboxes_[index];
  in.tasks.push(item);
  if (in.parked.load() != 0) ring_or_die(index);
}

// With one context for all workers it is the first's, too.
void asio_pool_core::ring(std::size_t index) {
  post_to(context_of_worker(index), [this] {
    rung = true;
    if (task* const item = queue().try_pop_directed(this_thread.index)) {
      run(*item);
    } else {
      pass_on_ring(this_thread.index);
    }
  });
}

void asio_pool_core::ring_for_part(std::size_t index) {
  post_to(context_of_worker(index), [this, index] { answer_part_ring(index); });
}

void asio_pool_core::submit_blocking(task& item) {
  enter(1, holding::no);
  probes::posted(*this, item);
  blocking_->push(item);
}

}  // namespace pinfold::detail
