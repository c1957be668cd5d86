// A mutex that tells, in checked builds, who waits for a pool while holding it.
#pragma once

#include <mutex>
#include <string_view>

#include <pinfold/detail/call_site.hpp>
#include <pinfold/detail/lock_watch.hpp>

namespace pinfold {

/// A std::mutex, of its size and cost. Where PINFOLD_CHECKED is 1 (Debug builds) it warns through
/// start_options::on_warning, once a place and run of the topology, of
/// - a call that waits for a pool while the calling thread holds it (install, broadcast, scope, wait_idle, join,
///   future::get, managed_thread::join; not multi_scope() of pools that are named one by one, the end of a thread's
///   handle, nor the waits and the stop of a topology): whoever else wants the mutex waits as long, and for ever if the
///   pool needs it to go on; and of async_invoke(), async_blocking(), async_scope(), async_get() and a pool's
///   async_wait_idle() that are started with it held, as by co_await;
/// - unlock() on another thread than lock(): a coroutine that held it over co_await.
/// The warnings name the call, and the mutex by its name, or by where it was made; also where it was locked, unless one
/// of std's own classes did that (std::lock_guard), whose place is in std's header.
class checked_mutex {
  using call_site = detail::call_site;

 public:
  /// Without a name: warnings call it by the place where it is made.
  constexpr checked_mutex(call_site made = call_site::current()) noexcept : watch_({}, made) {}
  /// The characters of `name` outlive the mutex, as those of a literal do.
  explicit constexpr checked_mutex(std::string_view name, call_site made = call_site::current()) noexcept
      : watch_(name, made) {}
  checked_mutex(const checked_mutex&) = delete;
  checked_mutex& operator=(const checked_mutex&) = delete;
  ~checked_mutex() = default;

  /// Blocks. Not by the thread that holds it.
  void lock(call_site site = call_site::current()) {
    mutex_.lock();
    watch_.locked(site);
  }

  /// Does not block. False: somebody holds it.
  [[nodiscard]] bool try_lock(call_site site = call_site::current()) {
    if (!mutex_.try_lock()) return false;
    watch_.locked(site);
    return true;
  }

  /// By the thread that holds it.
  void unlock(call_site site = call_site::current()) {
    watch_.unlocking(site);
    mutex_.unlock();
  }

 private:
  detail::lock_flag mutex_;
  [[no_unique_address]] detail::lock_watch watch_;
};

static_assert(detail::checked || sizeof(checked_mutex) == sizeof(std::mutex));

}  // namespace pinfold
