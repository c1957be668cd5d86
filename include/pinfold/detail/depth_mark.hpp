// The high-water mark of a pool's queue.
#pragma once

#include <atomic>
#include <cstdint>

namespace pinfold::detail {

/// The most tasks that were accepted and not finished at one moment, kept by those who accept them. They have the line
/// with the number of accepted tasks, and this lies on it; the number of finished ones is on a line of the workers',
/// and to fetch that for each task would cost more than all the rest. So few look at it:
///
/// Who looks finds f finished tasks, and there will never be fewer. So up to task number f + mark the depth cannot
/// exceed the mark, and nobody looks before `next_look_`, one above that. Where the queue is near its mark all the time
/// that would be soon: so a look in vain also doubles a back-off, up to 128 tasks, before which nobody looks, and a new
/// maximum sets it to one. So a queue that grows is followed task by task, and one that is filled and emptied in turns
/// costs a look every 128 tasks. Who does not look makes one comparison.
///
/// The claim: a depth that the mark never shows was reached and left again within fewer than 128 accepted tasks. For as
/// long as the depth exceeds the mark, so does the number of the task that is accepted exceed f + mark, and of 128 such
/// in a row one looks. (Who reads the mark looks as well.) It is never too high: n was accepted before the look, and
/// what was unfinished at the look was unfinished at the moment of n, if it was accepted by then. But those may count
/// that are taken back, by a closing gate or for want of room.
///
/// All relaxed. Several who accept at once may overwrite each other's `next_look_`: that changes who looks, by at most
/// as many tasks as there are of them; each value follows from some look. Numbers are modulo 2^40, as in work_gate.
class depth_mark {
 public:
  explicit constexpr depth_mark(bool is_kept) noexcept : is_kept_(is_kept) {}

  /// By who has just accepted task number `accepted`, and those before it.
  void note(std::uint64_t accepted, const std::atomic<std::uint64_t>& finished) noexcept {
    if (!is_kept_) return;
    if (distance(accepted, next_look_.load(std::memory_order_relaxed)) >= 0) look(accepted, finished);
  }

  /// By any thread: `accepted` read before `finished`.
  std::uint64_t high_water(std::uint64_t accepted, std::uint64_t finished) noexcept {
    if (!is_kept_) return 0;
    raise(distance(accepted, finished));
    return static_cast<std::uint64_t>(most_.load(std::memory_order_relaxed));
  }

 private:
  static constexpr std::int64_t longest_back_off = 128;

  // Of two numbers modulo 2^40; negative where `later` is before.
  static std::int64_t distance(std::uint64_t later, std::uint64_t earlier) noexcept {
    return static_cast<std::int64_t>((later - earlier) << 24U) >> 24U;
  }

  void look(std::uint64_t accepted, const std::atomic<std::uint64_t>& finished) noexcept;
  bool raise(std::int64_t depth) noexcept;

  const bool is_kept_;
  std::atomic<std::int64_t> back_off_{1};
  std::atomic<std::int64_t> most_{0};
  std::atomic<std::uint64_t> next_look_{0};  // not before the task of this number
};

}  // namespace pinfold::detail
