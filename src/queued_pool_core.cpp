#include <pinfold/detail/queued_pool_core.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>

#include <pinfold/detail/event.hpp>

namespace pinfold::detail {

void queued_pool_core::open_queue() {
  if (!has_queue_) queue_.emplace(*this, spec().threads);
  has_queue_ = true;
  queue_->open();
}

void queued_pool_core::await(event& done, std::size_t index) noexcept {
  queue_->help_until(done, index, helps_while_waiting());
}

void queued_pool_core::set(event& done, std::size_t) noexcept { queue_->set(done); }

void queued_pool_core::direct(task& item, std::size_t worker) noexcept {
  queue_->push_to(worker, item);
  ring_or_die(worker);
}

void queued_pool_core::ring_or_die(std::size_t index) noexcept {
  try {
    ring(index);
  } catch (...) {
    std::fprintf(stderr, "pinfold: no memory left to wake a thread of %.*s\n", static_cast<int>(spec().name.size()),
                 spec().name.data());
    std::terminate();
  }
}

void queued_pool_core::answer_ring(std::size_t index) noexcept {
  if (task* const item = queue_->try_pop_directed(index)) {
    run(*item);
  } else {
    pass_on_ring(index);
  }
}

void queued_pool_core::pass_on_ring(std::size_t index) noexcept {
  if (!queue_->has_directed()) return;
  ring_or_die(index);
  std::this_thread::sleep_for(std::chrono::microseconds(50));
}

}  // namespace pinfold::detail
