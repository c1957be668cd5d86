#include <pinfold/detail/held_locks.hpp>

#include <array>
#include <cstddef>
#include <string>

#include <pinfold/detail/crossing_site.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/thread_context.hpp>
#include <pinfold/detail/warning_sink.hpp>

namespace pinfold::detail {
namespace {

struct held_lock {
  const watched_lock* lock = nullptr;  // only compared
  std::uint32_t given_away = 0;
  std::string_view name;
  std::source_location made;
  std::source_location locked;
};

// Locks beyond these are not watched.
struct held_list {
  std::uint64_t thread = 0;  // its number; 0: it has not locked anything yet
  std::size_t size = 0;
  std::array<held_lock, 16> locks;
};

constinit thread_local held_list held_here;
constinit std::atomic<std::uint64_t> threads{0};
constinit std::array<std::atomic<std::uint32_t>, 64> given_away{};
constinit warning_sink of_no_topology;

std::atomic<std::uint32_t>& given_away_of(const watched_lock* lock) noexcept {
  return given_away[reinterpret_cast<std::uintptr_t>(lock) / alignof(watched_lock) % given_away.size()];
}

std::uint64_t this_thread_number() noexcept {
  if (held_here.thread == 0) held_here.thread = threads.fetch_add(1, std::memory_order_relaxed) + 1;
  return held_here.thread;
}

void drop(std::size_t at) noexcept {
  for (; at + 1 < held_here.size; ++at) held_here.locks[at] = held_here.locks[at + 1];
  --held_here.size;
}

// A lock_guard's call of lock() stands in std's own header.
std::string place_by_user(const std::source_location& at) {
  const std::string_view file = at.file_name();
  if (at.line() == 0 || file.find("/include/c++/") != std::string_view::npos) return {};
  return place_of(at.file_name(), at.line());
}

std::string described(std::string_view name, const std::source_location& made) {
  if (!name.empty()) return "checked_mutex '" + std::string(name) + '\'';
  return "the checked_mutex of " + place_of(made.file_name(), made.line());
}

std::string described(const held_lock& held) {
  const std::string locked = place_by_user(held.locked);
  return described(held.name, held.made) + (locked.empty() ? "" : " (locked at " + locked + ')');
}

warning_sink& sink_of(const pool_core* pool) noexcept {
  warning_sink* const sink = pool == nullptr ? nullptr : pool->warnings();
  return sink == nullptr ? of_no_topology : *sink;
}

}  // namespace

void watched_lock::locked(const std::source_location& at) noexcept {
  owner_.store(this_thread_number(), std::memory_order_relaxed);
  locked_ = at;
  if (held_here.size == held_here.locks.size()) return;
  held_here.locks[held_here.size++] = {.lock = this,
                                       .given_away = given_away_of(this).load(std::memory_order_relaxed),
                                       .name = name_,
                                       .made = made_,
                                       .locked = at};
}

void watched_lock::unlocking(const std::source_location& at) noexcept {
  if (owner_.exchange(0, std::memory_order_relaxed) != this_thread_number()) {
    given_away_of(this).fetch_add(1, std::memory_order_relaxed);
    warn_of_move(at);
    return;
  }
  for (std::size_t i = held_here.size; i-- > 0;) {
    if (held_here.locks[i].lock != this) continue;
    drop(i);
    return;
  }
}

void watched_lock::warn_of_move(const std::source_location& unlocked) const noexcept {
  warning_sink& sink = sink_of(this_thread.pool);
  crossing_site* const site = crossing_site::find(sink, made_.file_name(), made_.line());
  if (site == nullptr || !site->tells_of_lock()) return;
  const std::string lock = described({.name = name_, .made = made_, .locked = locked_});
  const std::string place = place_by_user(unlocked);
  const std::string text = lock + " was unlocked on another thread" + (place.empty() ? "" : ", at " + place) +
                           ": a coroutine that holds it went on elsewhere; unlock it before co_await";
  sink.give({.habit = crossing_habit::lock_moved, .place = place, .pool = {}, .lock = lock, .text = text});
}

void warn_of_held_locks(pool_core& pool, const char* call, const std::source_location& at) noexcept {
  for (std::size_t i = held_here.size; i-- > 0;) {
    const held_lock& held = held_here.locks[i];
    if (held.given_away != given_away_of(held.lock).load(std::memory_order_relaxed)) drop(i);
  }
  if (held_here.size == 0) return;
  warning_sink& sink = sink_of(&pool);
  crossing_site* const site = crossing_site::find(sink, at.file_name(), at.line());
  if (site == nullptr || !site->tells_of_lock()) return;
  const std::string lock = described(held_here.locks[held_here.size - 1]);
  const std::string name = pool.qualified_name();
  const std::string place = place_of(at.file_name(), at.line());
  const std::string text = place + " calls " + name + '.' + call + "() while " + lock +
                           " is held, which stays locked until the pool has done the work: unlock it first";
  sink.give({.habit = crossing_habit::lock_held, .place = place, .pool = name, .lock = lock, .text = text});
}

}  // namespace pinfold::detail
