#include <pinfold/detail/queued_pool_core.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>

#include <pinfold/detail/event.hpp>
#include <pinfold/detail/scope_task.hpp>

namespace pinfold::detail {

void queued_pool_core::open_queue(std::size_t cells) {
  if (!has_queue_) queue_.emplace(*this, spec().threads, cells);
  has_queue_ = true;
  queue_->open();
}

void queued_pool_core::await(event& done, std::size_t index) noexcept { queue_->help_until(done, index); }

void queued_pool_core::set(event& done, std::size_t) noexcept { queue_->set(done); }

void queued_pool_core::direct(task& item, std::size_t worker) noexcept {
  queue_->push_to(worker, item);
  ring_or_die(worker);
}

void queued_pool_core::spawn_part(scope_task& item) {
  const bool inside = this_thread.works_for(this);
  const std::size_t rung = queue_->push_part(item, inside ? this_thread.index : task_queue::nobody);
  if (rung != task_queue::nobody) ring_for_part_or_die(rung);
}

void queued_pool_core::answer_part_ring(std::size_t rung) noexcept {
  const auto [part, ring_again] = queue_->answer_part_ring(rung, this_thread.index);
  if (ring_again) ring_for_part_or_die(this_thread.index);
  if (part != nullptr) run(*part);
}

void queued_pool_core::die_without_memory() const noexcept {
  std::fprintf(stderr, "pinfold: no memory left to wake a thread of %.*s\n", static_cast<int>(spec().name.size()),
               spec().name.data());
  std::terminate();
}

void queued_pool_core::ring_or_die(std::size_t index) noexcept {
  or_die([&] { ring(index); });
}

void queued_pool_core::ring_for_part_or_die(std::size_t index) noexcept {
  or_die([&] { ring_for_part(index); });
}

void queued_pool_core::pass_on_ring(std::size_t index) noexcept {
  if (!queue_->has_directed()) return;
  ring_or_die(index);
  std::this_thread::sleep_for(std::chrono::microseconds(50));
}

}  // namespace pinfold::detail
