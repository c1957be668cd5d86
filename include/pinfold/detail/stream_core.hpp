// The protocol of a mapped stream: who reads the source, who runs an item, who delivers it. Compiled once.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <utility>

#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/task.hpp>

namespace pinfold::detail {

class stream_core;

/// The place of one item in the window; a task of the pool while it runs.
struct stream_slot : task {
  enum class stage : std::uint8_t {
    free,
    running,  ///< accepted by the pool, or about to be
    ended,    ///< has a result
    failed,   ///< has an error
    skipped   ///< not begun, because the stream ends before it
  };

  stream_slot() noexcept : task(nullptr, task_kind::awaited) {}

  stream_core* owner = nullptr;
  stream_slot* behind = nullptr;  ///< in one of the stream's lists
  std::uint64_t position = 0;     ///< 1, 2, ... in the order of the source
  std::exception_ptr error;
  stage at = stage::free;
};

/// FIFO of slots; the owner serialises access.
class slot_list {
 public:
  [[nodiscard]] stream_slot* front() const noexcept { return head_; }
  void push(stream_slot& slot) noexcept {
    slot.behind = nullptr;
    (head_ == nullptr ? head_ : tail_->behind) = &slot;
    tail_ = &slot;
  }
  void push_front(stream_slot& slot) noexcept {
    if (head_ == nullptr) tail_ = &slot;
    slot.behind = std::exchange(head_, &slot);
  }
  stream_slot& pop() noexcept { return *std::exchange(head_, head_->behind); }

 private:
  stream_slot* head_ = nullptr;
  stream_slot* tail_ = nullptr;
};

/// Somebody who is told that a stream has come to rest.
class rest_waiter {
 public:
  /// `now`: handlers may be called right here. Ends the waiter's life.
  virtual void complete(bool now) noexcept = 0;

  rest_waiter* next = nullptr;

 protected:
  ~rest_waiter() = default;
};

/// Somebody who is given the next result: take() or end(), then complete().
class next_waiter : public rest_waiter {
 public:
  virtual void take(stream_slot& slot) noexcept = 0;
  /// The stream's end; with an error once.
  virtual void end(std::exception_ptr error) noexcept = 0;

  std::uint64_t ticket = 0;          ///< for cancel_next()
  std::atomic<bool> let_go = false;  ///< it is not to wait; set before a cancel_next()

 protected:
  ~next_waiter() = default;
};

/// A window of slots between a source, the workers of a pool, and a consumer. One mutex guards everything here and is
/// held for moments only: the source, the function, moves of values, the pool's queue and handlers are outside of it.
///
/// A slot: free -> taken by a read -> running -> ended | failed | skipped; ended -> free when its result is delivered.
/// `queue_` is the order of delivery: slots are entered when they are read (ordered) or when they end (unordered).
///
/// Reading. At most one read is active (`reading_`), and only while a slot is free: so at most as many items as there
/// are slots are read and not delivered. Reads begin in begin_next(), on its thread and before it returns, and, while
/// there is room, where the read before has completed; a worker that ends an item begins none, but the last one of a
/// source that works. So a source that answers at once (a range) is read inside begin_next() only.
///
/// Waiting. begin_next() registers `waiter_` in the critical section in which it found nothing to deliver; end_item()
/// and read_completed() enter what has happened and look for a waiter in one critical section: none is lost. While a
/// waiter is registered and a slot is free a read is active, unless `reads_over_`.
///
/// The end. `reads_over_`, for ever: the source has ended or failed, an item has failed or was refused by the pool, or
/// the stream was cancelled. Where it was not the source that ended, it is told to let go of its read. Items behind the
/// first failure, and all when the stream was cancelled, are skipped if they have not begun. The stream is at rest when
/// reads are over, none is active, nobody is telling the source to let go, nothing runs, and a source with work of its
/// own (another stream that this one owns) is at rest as well; it stays so. Only then its end is delivered, the
/// exception once, then `over_`; and so who has been given the end may destroy whatever the source, the items and the
/// function refer to.
///
/// Life. References are counted: the handle's, one of an active read, one for each running item, and those of
/// cancellers. They are given back in the critical section that reports the item or the read, and whoever gives the
/// last one back destroys the state, before it completes a waiter. So no worker still holds the function or the source
/// when a consumer has been told that the stream is at rest. A registered waiter needs no reference: without the handle
/// the stream is cancelled, and either at rest, so that the waiter has been completed, or something has a reference.
class stream_core {
 public:
  stream_core(const stream_core&) = delete;
  stream_core& operator=(const stream_core&) = delete;

  [[nodiscard]] pool_core& pool() const noexcept { return pool_; }

  // --- for the consumer, who has a reference ---

  /// True: the waiter has got its answer, the caller completes it. False: it will be completed elsewhere, perhaps
  /// before this returns.
  [[nodiscard]] bool begin_next(next_waiter& waiter) noexcept;
  [[nodiscard]] std::uint64_t new_ticket() noexcept;
  /// Completes the waiter with operation_aborted if it still waits. The stream goes on as if it had not been asked.
  void cancel_next(std::uint64_t ticket) noexcept;
  /// Ends the stream as operation_aborted.
  void cancel() noexcept;
  /// cancel(), and then like begin_next().
  [[nodiscard]] bool begin_drain(rest_waiter& waiter) noexcept;
  /// cancel(), and the handle's reference is gone.
  void drop() noexcept;

  void retain() noexcept;
  void release() noexcept;

  // --- for the source ---

  /// The active read, which read() has left pending, has been answered.
  void read_completed(bool now) noexcept;

 protected:
  /// `source_works`: it is at rest only when it has been told to let go and then has answered one more read.
  stream_core(pool_core& pool, bool ordered, bool source_works) noexcept
      : pool_(pool), ordered_(ordered), source_works_(source_works) {}
  ~stream_core() = default;

  /// Before anything else.
  void add_slot(stream_slot& slot) noexcept;

  // The active read's answer, by whoever has the read: one of these, the first where the slot got an item, or an error
  // in its place.
  [[nodiscard]] stream_slot* slot_to_fill() const noexcept { return slot_; }  ///< nullptr: what is read goes nowhere
  void answer_item() noexcept { has_item_ = true; }
  void answer_end(std::exception_ptr error) noexcept {
    has_item_ = false;
    read_error_ = std::move(error);
  }

 private:
  enum class event : std::uint8_t { none, value, end };
  using locked = std::unique_lock<std::mutex>;

  // --- the typed part ---

  /// Asks the source for one item. True: it has answered. False: it will, and then read_completed() is called once,
  /// perhaps before this returns.
  virtual bool read() noexcept = 0;
  /// An active read is to be answered soon, whatever with, as is every later one. During a call of read(), too.
  virtual void let_go() noexcept = 0;
  /// False: the function has thrown; the slot has the error.
  virtual bool run(stream_slot& slot) noexcept = 0;
  virtual void drop_item(stream_slot& slot) noexcept = 0;
  virtual void destroy() noexcept = 0;

  static void run_slot(task& item) noexcept;
  void end_item(stream_slot& slot, stream_slot::stage how) noexcept;

  void pump(locked& lock) noexcept;
  [[nodiscard]] bool may_read() const noexcept;
  void take_in(locked& lock) noexcept;
  void accept(locked& lock, stream_slot& slot) noexcept;
  void fail(locked& lock, stream_slot& slot) noexcept;
  void end_reads(locked& lock) noexcept;
  void end_early(locked& lock) noexcept;
  [[nodiscard]] bool at_rest() const noexcept;
  [[nodiscard]] event next_event() noexcept;
  [[nodiscard]] bool fill(locked& lock, next_waiter& waiter) noexcept;
  void leave(locked lock, bool now) noexcept;
  void free(stream_slot& slot) noexcept;

  static constexpr std::uint64_t nothing = std::numeric_limits<std::uint64_t>::max();

  pool_core& pool_;
  const bool ordered_;
  const bool source_works_;
  /// Items of this position and behind are not begun. A worker that misses a change runs one in vain, nothing worse.
  std::atomic<std::uint64_t> skip_from_{nothing};

  std::mutex mutex_;
  slot_list free_;
  slot_list queue_;
  std::uint64_t references_ = 1;
  std::uint64_t running_ = 0;
  std::uint64_t positions_ = 0;
  std::uint64_t tickets_ = 0;
  next_waiter* waiter_ = nullptr;
  rest_waiter* drainers_ = nullptr;
  std::exception_ptr failure_;  // what the stream ends with, unless an item's error comes before
  bool reading_ = false;
  bool reads_over_ = false;
  bool letting_go_ = false;
  bool source_over_ = false;
  bool cancelled_ = false;
  bool over_ = false;

  // Of the active read: written by who has it, outside of the mutex.
  stream_slot* slot_ = nullptr;
  bool has_item_ = false;
  std::exception_ptr read_error_;
};

}  // namespace pinfold::detail
