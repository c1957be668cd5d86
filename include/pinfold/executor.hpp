// The Asio executor of every pool.
#pragma once

#include <boost/asio/execution/allocator.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution/relationship.hpp>
#include <boost/asio/execution_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include <pinfold/detail/default_token.hpp>
#include <pinfold/detail/part_of_work.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/waited_call.hpp>

namespace pinfold {

namespace detail {

/// The pool of an executor; where `Tracked`, it counts as outstanding work as long as the executor lives.
template <bool Tracked>
class executor_pool {
 public:
  explicit executor_pool(pool_core& pool) noexcept : pool_(&pool) {}
  [[nodiscard]] pool_core& get() const noexcept { return *pool_; }

 private:
  pool_core* pool_;
};

template <>
class executor_pool<true> {
 public:
  explicit executor_pool(pool_core& pool) noexcept : pool_(&pool) { begin(); }
  executor_pool(const executor_pool& other) noexcept : pool_(other.pool_) { begin(); }
  executor_pool(executor_pool&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)) {}
  executor_pool& operator=(executor_pool other) noexcept {
    std::swap(pool_, other.pool_);
    return *this;
  }
  ~executor_pool() {
    if (pool_ != nullptr) pool_->outstanding().leave();
  }
  [[nodiscard]] pool_core& get() const noexcept { return *pool_; }

 private:
  void begin() noexcept {
    if (pool_ != nullptr) pool_->outstanding().enter_part(1, holding::no);
  }

  pool_core* pool_;
};

}  // namespace detail

/// Runs functions on a pool's threads. Two words, cheap to copy; equal when pool, properties and allocator are.
///
/// execute() may be called from any thread and throws pool_stopped where the pool takes no work; but while a topology
/// stops, what its own I/O handlers submit is abandoned like pending I/O: destroyed, not called. Exceptions that leave
/// the function go to the topology's handler, or to the caller where it ran at once or was waited for.
///
/// Properties:
/// - `blocking`: possibly (default), a thread of the pool runs the function at once; never; always, which waits for it
///   as install() does, and throws would_block where that does. The first two never block.
/// - `outstanding_work`: untracked (default); tracked, the pool's join() waits while the executor exists. Neither keeps
///   the pool's threads, which stay until the topology stops, nor the topology from stopping.
/// - `relationship`: fork (default) or continuation; kept for who asks, changes nothing.
/// - `allocator`: where the function's memory comes from. std::allocator (default): from the pool's own slots while
///   one is free and the function fits one.
/// - `context`: of an asio pool its io_context; of one with a context for each thread the calling worker's, else each
///   in turn (the pool's `get_executor(context)` gives the executor of one).
template <bool Tracked, class Allocator>
class basic_executor {
 public:
  /// For Asio operations on I/O objects of this executor that are given no completion token.
  using default_completion_token_type = detail::default_token;

  /// For pinfold itself; users have pools' get_executor().
  basic_executor(detail::pool_core& pool, std::size_t context, const Allocator& allocator = {}) noexcept
      : pool_(pool), context_(static_cast<std::uint32_t>(context)), allocator_(allocator) {}

  /// Runs `f`, as the properties say; threads, waits and exceptions: see the class.
  template <class F>
  void execute(F&& f) const {
    if (blocking_ != never && running_in_this_thread()) {
      const detail::part_of_work part(pool(), admitted_as());
      std::invoke(std::forward<F>(f));
    } else if (blocking_ == always) {
      detail::run_and_wait(pool(), std::forward<F>(f), "execute", context());
    } else {
      pool().execute(std::forward<F>(f), context(), allocator_, admitted_as());
    }
  }

  /// A function executed now with `blocking.possibly` would run before execute() returns.
  [[nodiscard]] bool running_in_this_thread() const noexcept { return pool().serves_on_this_thread(context()); }

  /// The same executor with another property: asio::require() and asio::prefer() call these. Any thread; neither
  /// blocks nor allocates.
  /// @{
  [[nodiscard]] basic_executor require(boost::asio::execution::blocking_t::possibly_t) const {
    return with_blocking(possibly);
  }
  [[nodiscard]] basic_executor require(boost::asio::execution::blocking_t::always_t) const {
    return with_blocking(always);
  }
  [[nodiscard]] basic_executor require(boost::asio::execution::blocking_t::never_t) const {
    return with_blocking(never);
  }
  [[nodiscard]] basic_executor require(boost::asio::execution::relationship_t::fork_t) const {
    return with_continuation(false);
  }
  [[nodiscard]] basic_executor require(boost::asio::execution::relationship_t::continuation_t) const {
    return with_continuation(true);
  }
  [[nodiscard]] basic_executor<true, Allocator> require(boost::asio::execution::outstanding_work_t::tracked_t) const {
    return basic_executor<true, Allocator>(*this, allocator_);
  }
  [[nodiscard]] basic_executor<false, Allocator> require(
      boost::asio::execution::outstanding_work_t::untracked_t) const {
    return basic_executor<false, Allocator>(*this, allocator_);
  }
  template <class Other>
  [[nodiscard]] basic_executor<Tracked, Other> require(boost::asio::execution::allocator_t<Other> with) const {
    return basic_executor<Tracked, Other>(*this, with.value());
  }
  [[nodiscard]] basic_executor<Tracked, std::allocator<void>> require(boost::asio::execution::allocator_t<void>) const {
    return basic_executor<Tracked, std::allocator<void>>(*this, {});
  }
  /// @}

  /// What a property is: asio::query() calls these. Any thread; neither blocks nor allocates.
  /// @{
  [[nodiscard]] boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) const noexcept {
    namespace execution = boost::asio::execution;
    switch (blocking_) {
      case always:
        return execution::blocking.always;
      case never:
        return execution::blocking.never;
      default:
        return execution::blocking.possibly;
    }
  }
  [[nodiscard]] boost::asio::execution::relationship_t query(boost::asio::execution::relationship_t) const noexcept {
    namespace execution = boost::asio::execution;
    return continuation_ ? execution::relationship_t(execution::relationship.continuation)
                         : execution::relationship_t(execution::relationship.fork);
  }
  [[nodiscard]] static constexpr boost::asio::execution::outstanding_work_t query(
      boost::asio::execution::outstanding_work_t) noexcept {
    namespace execution = boost::asio::execution;
    return Tracked ? execution::outstanding_work_t(execution::outstanding_work.tracked)
                   : execution::outstanding_work_t(execution::outstanding_work.untracked);
  }
  template <class Other>
  [[nodiscard]] Allocator query(boost::asio::execution::allocator_t<Other>) const noexcept {
    return allocator_;
  }
  /// @}

  /// The pool as an execution context, that of asio::query(executor, context). Throws pool_stopped while the pool does
  /// not run.
  [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t) const {
    return pool().execution_context(context());
  }

  /// Of one pool and context, with the same properties and equal allocators.
  friend bool operator==(const basic_executor& a, const basic_executor& b) noexcept {
    return &a.pool() == &b.pool() && a.context_ == b.context_ && a.blocking_ == b.blocking_ &&
           a.continuation_ == b.continuation_ && a.admission_ == b.admission_ && a.allocator_ == b.allocator_;
  }
  /// The opposite.
  friend bool operator!=(const basic_executor& a, const basic_executor& b) noexcept { return !(a == b); }

  /// For pinfold's own operations.
  /// @{
  [[nodiscard]] detail::pool_core& pool() const noexcept { return pool_.get(); }
  [[nodiscard]] std::size_t context() const noexcept {
    return context_ == any_context ? detail::pool_core::any_context : context_;
  }
  [[nodiscard]] bool may_run_here() const noexcept { return blocking_ != never && running_in_this_thread(); }
  // One whose functions are part of work that the pool's topology has accepted.
  [[nodiscard]] basic_executor for_part() const noexcept {
    basic_executor changed = *this;
    changed.admission_ = detail::admission::of_part;
    return changed;
  }
  [[nodiscard]] detail::admission admitted_as() const noexcept { return admission_; }
  /// @}

 private:
  template <bool, class>
  friend class basic_executor;

  enum blocking_mode : std::uint8_t { possibly, always, never };
  static constexpr std::uint32_t any_context = static_cast<std::uint32_t>(-1);

  template <bool OtherTracked, class OtherAllocator>
  basic_executor(const basic_executor<OtherTracked, OtherAllocator>& other, const Allocator& allocator) noexcept
      : pool_(other.pool()),
        context_(other.context_),
        blocking_(static_cast<blocking_mode>(other.blocking_)),
        continuation_(other.continuation_),
        admission_(other.admission_),
        allocator_(allocator) {}

  [[nodiscard]] basic_executor with_blocking(blocking_mode mode) const noexcept {
    basic_executor changed = *this;
    changed.blocking_ = mode;
    return changed;
  }
  [[nodiscard]] basic_executor with_continuation(bool continuation) const noexcept {
    basic_executor changed = *this;
    changed.continuation_ = continuation;
    return changed;
  }

  detail::executor_pool<Tracked> pool_;
  std::uint32_t context_;
  blocking_mode blocking_ = possibly;
  bool continuation_ = false;
  detail::admission admission_ = detail::admission::of_new_work;
  [[no_unique_address]] Allocator allocator_;
};

/// That of every pool's get_executor(), with the default properties.
using executor = basic_executor<false, std::allocator<void>>;

static_assert(boost::asio::execution::is_executor_v<executor>);
static_assert(sizeof(executor) == 16);

}  // namespace pinfold
