#include <pinfold/detail/stream_core.hpp>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <pinfold/detail/operation_aborted.hpp>

namespace pinfold::detail {

void stream_core::add_slot(stream_slot& slot) noexcept {
  slot.owner = this;
  slot.run = &run_slot;
  free_.push(slot);
}

void stream_core::retain() noexcept {
  const std::lock_guard lock(mutex_);
  ++references_;
}

void stream_core::release() noexcept { leave(locked(mutex_), false); }

// --- the consumer ---

// What is ready is taken first, so that its slot takes part in the reads; and reads come before the waiter can be
// completed elsewhere, so that a consumer is not given a result while this call still reads the source.
bool stream_core::begin_next(next_waiter& waiter) noexcept {
  locked lock(mutex_);
  if (waiter_ != nullptr) {
    waiter.end(std::make_exception_ptr(
        boost::system::system_error(boost::system::error_code(boost::asio::error::already_started))));
    return true;
  }
  bool filled = fill(lock, waiter);
  pump(lock);
  if (!filled) filled = fill(lock, waiter);
  if (filled) return true;
  if (waiter.let_go.load(std::memory_order_relaxed)) {
    waiter.end(operation_aborted());
    return true;
  }
  waiter_ = &waiter;
  return false;
}

std::uint64_t stream_core::new_ticket() noexcept {
  const std::lock_guard lock(mutex_);
  return ++tickets_;
}

void stream_core::cancel_next(std::uint64_t ticket) noexcept {
  locked lock(mutex_);
  if (waiter_ == nullptr || waiter_->ticket != ticket) return;
  next_waiter& waiter = *std::exchange(waiter_, nullptr);
  lock.unlock();
  waiter.end(operation_aborted());
  waiter.complete(false);
}

void stream_core::cancel() noexcept {
  locked lock(mutex_);
  ++references_;  // a read that ending the stream begins may be its last, elsewhere
  end_early(lock);
  leave(std::move(lock), false);
}

bool stream_core::begin_drain(rest_waiter& waiter) noexcept {
  cancel();
  const std::lock_guard lock(mutex_);
  if (at_rest()) return true;
  waiter.next = std::exchange(drainers_, &waiter);
  return false;
}

void stream_core::drop() noexcept {
  locked lock(mutex_);
  end_early(lock);
  leave(std::move(lock), false);
}

// --- reading ---

bool stream_core::may_read() const noexcept {
  if (reading_) return false;
  return reads_over_ ? source_works_ && !source_over_ : free_.front() != nullptr;
}

// The caller has a reference of its own. A read that is left pending may complete at any moment: who completes it goes
// on, and this goes on with what the caller has to do.
void stream_core::pump(locked& lock) noexcept {
  while (may_read()) {
    reading_ = true;
    slot_ = reads_over_ ? nullptr : &free_.pop();
    ++references_;
    lock.unlock();
    const bool answered = read();
    lock.lock();
    if (!answered) return;
    take_in(lock);
    --references_;
  }
}

void stream_core::read_completed(bool now) noexcept {
  locked lock(mutex_);
  take_in(lock);
  pump(lock);
  leave(std::move(lock), now);
}

void stream_core::take_in(locked& lock) noexcept {
  stream_slot* const slot = std::exchange(slot_, nullptr);
  if (!has_item_) {
    if (slot != nullptr) free(*slot);
    source_over_ = true;
    if (!std::exchange(reads_over_, true)) failure_ = std::move(read_error_);
  } else if (!reads_over_) {
    accept(lock, *slot);
  } else if (slot != nullptr) {
    lock.unlock();
    drop_item(*slot);
    lock.lock();
    free(*slot);
  }
  reading_ = false;
}

// An item that the pool refuses, or that could not be moved into its slot, has failed, in its place; where there are no
// places, the source has: what was accepted before is delivered.
void stream_core::accept(locked& lock, stream_slot& slot) noexcept {
  slot.position = ++positions_;
  slot.at = stream_slot::stage::running;
  if (ordered_) queue_.push(slot);
  ++running_;
  ++references_;
  std::exception_ptr refused = std::exchange(slot.error, nullptr);
  if (!refused) {
    lock.unlock();
    try {
      pool_.submit(slot);
    } catch (...) {
      refused = std::current_exception();
      drop_item(slot);
    }
    lock.lock();
  }
  if (!refused) return;
  --running_;
  --references_;
  if (ordered_) {
    slot.error = std::move(refused);
    slot.at = stream_slot::stage::failed;
  } else {
    free(slot);
    if (!reads_over_) failure_ = std::move(refused);
  }
  end_reads(lock);
}

void stream_core::end_reads(locked& lock) noexcept {
  if (std::exchange(reads_over_, true)) return;
  letting_go_ = true;
  lock.unlock();
  let_go();
  lock.lock();
  letting_go_ = false;
}

// --- an item ---

void stream_core::run_slot(task& item) noexcept {
  auto& slot = static_cast<stream_slot&>(item);
  stream_core& self = *slot.owner;
  pool_core& pool = self.pool_;
  auto how = stream_slot::stage::skipped;
  if (slot.position < self.skip_from_.load(std::memory_order_relaxed)) {
    how = self.run(slot) ? stream_slot::stage::ended : stream_slot::stage::failed;
  } else {
    self.drop_item(slot);
  }
  self.end_item(slot, how);
  pool.finished();
}

void stream_core::end_item(stream_slot& slot, stream_slot::stage how) noexcept {
  locked lock(mutex_);
  --running_;
  slot.at = how;
  if (!ordered_ && how != stream_slot::stage::skipped) queue_.push(slot);
  if (how == stream_slot::stage::failed) fail(lock, slot);
  leave(std::move(lock), true);
}

void stream_core::fail(locked& lock, stream_slot& slot) noexcept {
  const std::uint64_t from = ordered_ ? slot.position : 0;
  skip_from_.store(std::min(from, skip_from_.load(std::memory_order_relaxed)), std::memory_order_relaxed);
  end_reads(lock);
  pump(lock);
}

void stream_core::free(stream_slot& slot) noexcept {
  slot.at = stream_slot::stage::free;
  free_.push_front(slot);
}

// --- the end ---

void stream_core::end_early(locked& lock) noexcept {
  if (cancelled_ || over_) return;
  cancelled_ = true;
  failure_ = operation_aborted();
  skip_from_.store(0, std::memory_order_relaxed);
  end_reads(lock);
  pump(lock);
}

bool stream_core::at_rest() const noexcept {
  return reads_over_ && !letting_go_ && !reading_ && running_ == 0 && (source_over_ || !source_works_);
}

stream_core::event stream_core::next_event() noexcept {
  stream_slot* const front = cancelled_ || over_ ? nullptr : queue_.front();
  if (front != nullptr) {
    if (front->at == stream_slot::stage::running) return event::none;
    if (front->at == stream_slot::stage::ended) return event::value;
  }
  if (!at_rest()) return event::none;
  if (front != nullptr) failure_ = front->error;
  return event::end;
}

bool stream_core::fill(locked& lock, next_waiter& waiter) noexcept {
  const event what = next_event();
  if (what == event::none) return false;
  if (what == event::end) {
    over_ = true;
    waiter.end(std::exchange(failure_, nullptr));
    return true;
  }
  stream_slot& slot = queue_.pop();
  lock.unlock();
  waiter.take(slot);
  lock.lock();
  free(slot);
  return true;
}

// The last that a party does with the stream: gives what can be given, and its reference back.
void stream_core::leave(locked lock, bool now) noexcept {
  next_waiter* waiter = std::exchange(waiter_, nullptr);
  if (waiter != nullptr && !fill(lock, *waiter)) waiter_ = std::exchange(waiter, nullptr);
  rest_waiter* drainers = at_rest() ? std::exchange(drainers_, nullptr) : nullptr;
  const bool last = --references_ == 0;
  lock.unlock();
  if (last) destroy();
  if (waiter != nullptr) waiter->complete(now);
  while (drainers != nullptr) std::exchange(drainers, drainers->next)->complete(now);
}

}  // namespace pinfold::detail
