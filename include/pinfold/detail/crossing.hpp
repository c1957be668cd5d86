// What the pools' members do at every call for the sake of checked builds; in others, nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include <pinfold/detail/call_site.hpp>
#include <pinfold/detail/pool_core.hpp>

#if PINFOLD_CHECKED
#include <pinfold/detail/crossing_site.hpp>
#include <pinfold/detail/held_locks.hpp>
#endif

namespace pinfold::detail {

#if PINFOLD_CHECKED

/// Tells the site, if there is one, how long a call took.
class timed_run {
 public:
  explicit timed_run(crossing_site* site) noexcept : site_(site), begun_(site == nullptr ? 0 : crossing_site::now()) {}
  timed_run(const timed_run&) = delete;
  timed_run& operator=(const timed_run&) = delete;
  ~timed_run() {
    if (site_ != nullptr) site_->ran(crossing_site::now() - begun_);
  }

 private:
  crossing_site* site_;
  std::uint64_t begun_;
};

/// A function that was sent to a pool.
template <class F>
class sent_function {
 public:
  template <class Function>
  sent_function(crossing_site* site, Function&& f) : site_(site), f_(std::forward<Function>(f)) {}

  std::invoke_result_t<F> operator()() && {
    const timed_run run(site_);
    return std::invoke(std::move(f_));
  }

 private:
  crossing_site* site_;
  F f_;
};

/// The same by reference, for a caller who waits; several threads may call it.
template <class F>
class sent_reference {
 public:
  sent_reference(crossing_site* site, F&& f) noexcept : site_(site), f_(f) {}

  std::invoke_result_t<F> operator()() const {
    const timed_run run(site_);
    return std::invoke(std::forward<F>(f_));
  }

 private:
  crossing_site* site_;
  std::remove_reference_t<F>& f_;
};

/// Tasks that the calling thread sends to `pool`; nothing where it is one of the pool's own, or has no place.
class crossing {
 public:
  crossing(pool_core& pool, const call_site& site) noexcept
      : pool_(pool),
        site_(this_thread.pool == &pool || site.line() == 0 || pool.warnings() == nullptr
                  ? nullptr
                  : crossing_site::find(*pool.warnings(), site.file_name(), site.line())),
        sampled_(site_ != nullptr && site_->wants_sample() ? site_ : nullptr) {}

  void sent(std::uint64_t tasks = 1) noexcept {
    if (site_ != nullptr) site_->sent(pool_, tasks, sampled_ != nullptr);
  }
  template <class F>
  [[nodiscard]] auto watched(F&& f) const {
    return sent_function<std::decay_t<F>>(sampled_, std::forward<F>(f));
  }
  template <class F>
  [[nodiscard]] auto watched_reference(F&& f) const noexcept {
    return sent_reference<F>(sampled_, std::forward<F>(f));
  }

 private:
  pool_core& pool_;
  crossing_site* site_;
  crossing_site* sampled_;
};

/// The function to submit in place of `f`, which is counted as sent.
template <class F>
[[nodiscard]] auto send(pool_core& pool, const call_site& site, F&& f) {
  crossing task(pool, site);
  task.sent();
  return task.watched(std::forward<F>(f));
}
template <class F>
[[nodiscard]] auto send_reference(pool_core& pool, const call_site& site, F&& f, std::uint64_t tasks = 1) {
  crossing task(pool, site);
  task.sent(tasks);
  return task.watched_reference(std::forward<F>(f));
}

/// Of a member of a pool, for the warnings.
using call_name = const char*;

/// The calling thread is about to make a call that waits for the pool, or starts an operation to be awaited.
inline void look_at_locks(pool_core& pool, call_name call, const call_site& site) noexcept {
  if (site.line() != 0) warn_of_held_locks(pool, call, site);
}

#else

class crossing {
 public:
  constexpr crossing(pool_core&, call_site) noexcept {}

  constexpr void sent(std::uint64_t = 1) noexcept {}
  template <class F>
  [[nodiscard]] constexpr F&& watched(F&& f) const noexcept {
    return std::forward<F>(f);
  }
};

template <class F>
[[nodiscard]] constexpr F&& send(pool_core&, call_site, F&& f) noexcept {
  return std::forward<F>(f);
}
template <class F>
[[nodiscard]] constexpr F&& send_reference(pool_core&, call_site, F&& f, std::uint64_t = 1) noexcept {
  return std::forward<F>(f);
}

struct call_name {
  constexpr call_name(const char*) noexcept {}
};

constexpr void look_at_locks(pool_core&, call_name, call_site) noexcept {}

#endif

/// Hands an asynchronous operation to its pool.
struct submission {
  pool_core& pool;
  [[no_unique_address]] call_site site;
  [[no_unique_address]] call_name call = "async_invoke";

  void operator()(task& item) const {
    look_at_locks(pool, call, site);
    pool.submit(item);
  }
};

}  // namespace pinfold::detail
