// The Asio executor of every pool.
#pragma once

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution/relationship.hpp>
#include <boost/asio/execution_context.hpp>
#include <cstdint>
#include <functional>
#include <utility>

#include <pinfold/detail/pool_core.hpp>

namespace pinfold {

/// Runs functions on a pool's threads. Two words, cheap to copy; equal when pool and properties are.
///
/// Properties: `blocking` possibly (default: a thread of the pool runs the function at once) or never;
/// `relationship` fork (default) or continuation, `outstanding_work` untracked (default) or tracked: both are kept for
/// who asks and change nothing, since a pool's threads stay until the topology stops; `context`.
/// execute() may be called from any thread, does not block, and throws pool_stopped where the pool takes no work; but
/// while a topology stops, what its own I/O handlers submit is abandoned like pending I/O: destroyed, not called.
/// Exceptions that leave the function go to the topology's handler, or to the caller where it ran at once.
class executor {
 public:
  executor(detail::pool_core& pool, std::size_t context) noexcept
      : pool_(&pool), context_(static_cast<std::uint32_t>(context)) {}

  template <class F>
  void execute(F&& f) const {
    if (blocking_ == possibly && running_in_this_thread()) {
      std::invoke(std::forward<F>(f));
    } else {
      pool_->execute(std::forward<F>(f), context());
    }
  }

  /// A function executed now with `blocking.possibly` would run before execute() returns.
  [[nodiscard]] bool running_in_this_thread() const noexcept { return pool_->serves_on_this_thread(context()); }

  // The names and signatures below are those of Asio's property customisation points.
  [[nodiscard]] executor require(boost::asio::execution::blocking_t::possibly_t) const {
    return with_blocking(possibly);
  }
  [[nodiscard]] executor require(boost::asio::execution::blocking_t::never_t) const { return with_blocking(never); }
  [[nodiscard]] executor require(boost::asio::execution::relationship_t::fork_t) const {
    return with_continuation(false);
  }
  [[nodiscard]] executor require(boost::asio::execution::relationship_t::continuation_t) const {
    return with_continuation(true);
  }
  [[nodiscard]] executor require(boost::asio::execution::outstanding_work_t::tracked_t) const {
    return with_tracking(true);
  }
  [[nodiscard]] executor require(boost::asio::execution::outstanding_work_t::untracked_t) const {
    return with_tracking(false);
  }

  [[nodiscard]] boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) const noexcept {
    namespace execution = boost::asio::execution;
    return blocking_ == possibly ? execution::blocking_t(execution::blocking.possibly)
                                 : execution::blocking_t(execution::blocking.never);
  }
  [[nodiscard]] boost::asio::execution::relationship_t query(boost::asio::execution::relationship_t) const noexcept {
    namespace execution = boost::asio::execution;
    return continuation_ ? execution::relationship_t(execution::relationship.continuation)
                         : execution::relationship_t(execution::relationship.fork);
  }
  [[nodiscard]] boost::asio::execution::outstanding_work_t query(
      boost::asio::execution::outstanding_work_t) const noexcept {
    namespace execution = boost::asio::execution;
    return tracked_ ? execution::outstanding_work_t(execution::outstanding_work.tracked)
                    : execution::outstanding_work_t(execution::outstanding_work.untracked);
  }
  /// Of an asio pool its io_context; throws pool_stopped while the pool does not run.
  [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t) const {
    return pool_->execution_context(context());
  }

  friend bool operator==(const executor&, const executor&) noexcept = default;

 private:
  enum blocking_mode : std::uint8_t { possibly, never };
  static constexpr std::uint32_t any_context = static_cast<std::uint32_t>(-1);

  [[nodiscard]] std::size_t context() const noexcept {
    return context_ == any_context ? detail::pool_core::any_context : context_;
  }
  [[nodiscard]] executor with_blocking(blocking_mode mode) const noexcept {
    executor changed = *this;
    changed.blocking_ = mode;
    return changed;
  }
  [[nodiscard]] executor with_continuation(bool continuation) const noexcept {
    executor changed = *this;
    changed.continuation_ = continuation;
    return changed;
  }
  [[nodiscard]] executor with_tracking(bool tracked) const noexcept {
    executor changed = *this;
    changed.tracked_ = tracked;
    return changed;
  }

  detail::pool_core* pool_;
  std::uint32_t context_;
  blocking_mode blocking_ = possibly;
  bool continuation_ = false;
  bool tracked_ = false;
};

static_assert(boost::asio::execution::is_executor_v<executor>);

}  // namespace pinfold
