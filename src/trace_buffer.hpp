// Where the threads of pools record what they do while their topology is traced.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace pinfold::detail {

class pool_core;

enum class trace_kind : std::uint8_t { post, taken_back, start, start_part, finish, steal, park, wake };

struct trace_event {
  std::uint64_t when : 56;  ///< nanoseconds since the recording was made: two years
  trace_kind kind : 8;
  std::uintptr_t subject;  ///< the task's address; of a steal the index of the worker stolen from
  const pool_core* pool;   ///< that a task is posted to
};
static_assert(sizeof(trace_event) == 24);

/// The events of one thread and one recording, which is the only one that writes them.
///
/// Invariant: events below `count_` do not change any more. A thread fills the event at `count_` and publishes it by
/// the release of count_, which pairs with the acquire in events(): a reader sees whole events, also while the thread
/// writes on. Full, it only counts: `dropped_`'s release comes after `full_since_`, and pairs with the acquire of
/// dropped().
class trace_buffer {
 public:
  using clock = std::chrono::steady_clock;

  /// Touches its memory: the thread that records meets no page fault.
  trace_buffer(std::size_t capacity, clock::time_point origin)
      : events_(std::make_unique<trace_event[]>(capacity)), capacity_(capacity), origin_(origin) {}

  /// By the thread.
  void add(trace_kind kind, std::uintptr_t subject, const pool_core* pool) noexcept;

  /// By any.
  [[nodiscard]] std::span<const trace_event> events() const noexcept {
    return {events_.get(), count_.load(std::memory_order_acquire)};
  }
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_acquire); }
  /// When the first one was dropped; only if one was.
  [[nodiscard]] std::uint64_t full_since() const noexcept { return full_since_.load(std::memory_order_relaxed); }

 private:
  std::unique_ptr<trace_event[]> events_;
  std::size_t capacity_;
  clock::time_point origin_;
  std::atomic<std::size_t> count_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> full_since_{0};
};

/// A thread's end of the recordings of its run: it exists as long as the thread.
///
/// States: silent (`buffer_` is null) -> recording -> silent -> ... Only who has the topology's run_mutex_ changes it,
/// and never waits for the thread: who has read `buffer_` before it became null may be writing still, beyond what the
/// reader has acquired. So the buffer must stay until the thread is out. `writing_` and `buffer_` are Dekker's
/// algorithm, all of it sequentially consistent: the thread stores writing_ and then loads buffer_, the other one
/// stores buffer_ and then loads writing_. Who finds writing_ false after buffer_ became null knows that the thread has
/// no buffer from before: had it loaded one, its writing_ would have been seen, or its end of it, whose release that
/// load pairs with.
class trace_channel {
 public:
  /// By the thread. A few tens of nanoseconds, of which most is the clock.
  void record(trace_kind kind, std::uintptr_t subject, const pool_core* pool) noexcept {
    writing_.store(true);
    if (trace_buffer* const buffer = buffer_.load()) buffer->add(kind, subject, pool);
    writing_.store(false, std::memory_order_release);
  }

  void set(trace_buffer* buffer) noexcept { buffer_.store(buffer); }
  [[nodiscard]] bool is_writing() const noexcept { return writing_.load(); }

 private:
  alignas(64) std::atomic<trace_buffer*> buffer_{nullptr};
  std::atomic<bool> writing_{false};
};

/// How many topologies are recorded. All that a probe looks at while none is; who sees it late records late.
alignas(64) inline constinit std::atomic<int> recordings{0};

/// By any thread; those of no pool have no channel, and record nothing.
void record_here(trace_kind kind, std::uintptr_t subject, const pool_core* pool) noexcept;

inline void record(trace_kind kind, std::uintptr_t subject = 0, const pool_core* pool = nullptr) noexcept {
  if (recordings.load(std::memory_order_acquire) != 0) [[unlikely]]
    record_here(kind, subject, pool);
}
inline void record(trace_kind kind, const void* subject, const pool_core* pool = nullptr) noexcept {
  record(kind, reinterpret_cast<std::uintptr_t>(subject), pool);
}

}  // namespace pinfold::detail
