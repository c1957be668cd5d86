#include <pinfold/detail/tracked_coroutine.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/experimental/channel_error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <mutex>

#include <pinfold/detail/counted_call.hpp>
#include <pinfold/detail/shared_ref.hpp>
#include <pinfold/detail/tracked_list.hpp>

namespace pinfold::detail {

namespace asio = boost::asio;

namespace {

using asio::cancellation_type;

constexpr cancellation_type all_but_terminal = cancellation_type::partial | cancellation_type::total;

bool says_aborted(const std::exception_ptr& error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& known) {
    return known.code() == asio::error::operation_aborted ||
           known.code() == asio::experimental::error::channel_cancelled;
  } catch (...) {
    return false;
  }
}

}  // namespace

class tracked_coroutine::emission {
 public:
  emission(tracked_coroutine& coroutine, cancellation_type type) noexcept
      : coroutine_(shared_ref<tracked_coroutine>::another(coroutine)), type_(type) {}
  void operator()() { coroutine_->emit(type_); }

 private:
  shared_ref<tracked_coroutine> coroutine_;
  cancellation_type type_;
};

void tracked_coroutine::release() noexcept {
  if (owners_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  std::exception_ptr error = unclaimed();
  // A coroutine that was cancelled and says so has done what it was asked for.
  if (error && cancelled_.load(std::memory_order_relaxed) && says_aborted(error)) error = nullptr;
  pool_core& pool = pool_;
  destroy();
  if (error) pool.report_unclaimed(std::move(error));
}

bool tracked_coroutine::register_beginning() noexcept {
  tracked_list& list = pool_.tracked();
  {
    const std::lock_guard lock(list.mutex_);
    if ((pending_ & cancellation_type::terminal) != cancellation_type::none) return false;
    list.link(*this);
    linked_ = true;
  }
  // A stop that begins later finds it in the list; of one that began before the gate tells.
  if (!pool_.gate().is_open()) request_stop();
  return true;
}

void tracked_coroutine::launched() {
  std::optional<strand> serial;
  cancellation_type pending = cancellation_type::none;
  {
    const std::lock_guard lock(pool_.tracked().mutex_);
    if (ended_) return;
    launched_ = true;
    pending = std::exchange(pending_, cancellation_type::none);
    if (pending != cancellation_type::none) serial = strand_;
  }
  if (pending != cancellation_type::none) post_emission(serial, pending);
}

void tracked_coroutine::cancel(cancellation_type type) {
  const counted_call call(pool_);
  if (!call || type == cancellation_type::none) return;
  std::optional<strand> serial;
  {
    const std::lock_guard lock(pool_.tracked().mutex_);
    if (ended_) return;
    cancelled_.store(true, std::memory_order_relaxed);
    if (!launched_) {
      pending_ = pending_ | type;
      return;
    }
    serial = strand_;
  }
  post_emission(serial, type);
}

void tracked_coroutine::request_stop() noexcept { cancel(all_but_terminal); }

void tracked_coroutine::post_emission(const std::optional<strand>& serial, cancellation_type type) {
  if (serial) {
    asio::post(*serial, emission(*this, type));
  } else {
    asio::post(executor_, emission(*this, type));
  }
}

// What the signal calls may be the end of the coroutine; then the receiver is destroyed when it has returned.
void tracked_coroutine::emit(cancellation_type type) {
  if (is_gone_) return;
  const bool nested = std::exchange(emits_, true);
  signal_.emit(type);
  emits_ = nested;
  if (is_gone_ && !nested) signal_.slot().clear();
}

// What emits at that moment clears the slot when it has returned.
void tracked_coroutine::stop_signals() noexcept {
  is_gone_ = true;
  clears_at_end_ = !emits_;
}

void tracked_coroutine::end() noexcept {
  if (clears_at_end_) signal_.slot().clear();
  std::optional<strand> serial;
  {
    const std::lock_guard lock(pool_.tracked().mutex_);
    ended_ = true;
    serial.swap(strand_);
    if (linked_) pool_.tracked().unlink(*this);
  }
  serial.reset();
  notice_.tell();
  pool_core& pool = pool_;
  release();
  pool.gate().leave();
}

}  // namespace pinfold::detail
