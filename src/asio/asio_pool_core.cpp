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

namespace pinfold::detail {

namespace asio = boost::asio;

void asio_pool_core::open() {
  open_queue();
  const auto threads = static_cast<int>(contexts_.size() == 1 ? spec().threads : 1);
  if (spec().blocking_threads != 0) {
    if (!has_blocking_) blocking_.emplace(*this, spec().blocking_threads);
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
    serve(*contexts_[context_of_worker(index)]);
  } else {
    while (task* item = blocking_->pop(index, idle_strategy::park, 0)) run(*item);
  }
}

namespace {

// Returns once the context is stopped; throws what a handler throws.
void run_spinning(asio::io_context& context, std::chrono::microseconds patience) {
  using clock = std::chrono::steady_clock;
  auto idle_since = clock::now();
  while (!context.stopped()) {
    if (context.poll() != 0) {
      idle_since = clock::now();
    } else if (clock::now() - idle_since < patience) {
      spin_pause();
    } else {
      context.run_one();
      idle_since = clock::now();
    }
  }
}

void run_busy(asio::io_context& context) {
  while (!context.stopped()) {
    if (context.poll() == 0) spin_pause();
  }
}

}  // namespace

void asio_pool_core::serve(asio::io_context& context) {
  while (!context.stopped()) {
    try {
      switch (spec().idle) {
        case idle_strategy::park:
          context.run();
          break;
        case idle_strategy::spin:
          run_spinning(context, std::chrono::microseconds(spec().spin_us));
          break;
        case idle_strategy::busy:
          run_busy(context);
          break;
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
  post_to(choose(context), [&item] { run(item); });
}

void asio_pool_core::ring(std::size_t index) {
  post_to(context_of_worker(index), [this] { answer_ring(this_thread.index, false); });
}

void asio_pool_core::submit_blocking(task& item) {
  enter(1, holding::no);
  blocking_->push(item);
}

}  // namespace pinfold::detail
