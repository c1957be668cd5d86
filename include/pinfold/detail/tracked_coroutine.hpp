// A coroutine that its pool counts as accepted work until its frame has gone.
#pragma once

#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/strand.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>

#include <pinfold/detail/end_notice.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/task.hpp>
#include <pinfold/executor.hpp>

namespace pinfold::detail {

/// Life: queued, as a task, which counts in the pool's gate -> begun on a worker, which hands that count to the
/// coroutine -> ended, when frame and function are destroyed -> freed, by the last owner (handle, coroutine, join
/// operation, emission of a signal). A coroutine that is cancelled terminally while it is queued never begins.
///
/// All its steps run on its serial executor: the pool's where only one thread serves it, else a strand of that. So does
/// the emission of its cancellation signal; `is_gone_`, `emits_` and `clears_at_end_` are its own. (A body that is
/// resumed by another executor runs on there, by Asio's rules, and may end there.) The executor is one "for part": what
/// runs there is part of accepted work, whoever resumes the coroutine, so that it goes on while its topology drains.
///
/// `linked_`, `launched_`, `ended_`, `asked_`, `pending_` and `strand_` are guarded by the mutex of the pool's
/// tracked_list. What is asked before the signal has a receiver waits in `pending_`. The strand goes at the end of the
/// coroutine: it must not outlive the pool's context.
class tracked_coroutine : public task {
 public:
  using strand = boost::asio::strand<executor>;

  tracked_coroutine(const tracked_coroutine&) = delete;
  tracked_coroutine& operator=(const tracked_coroutine&) = delete;

  [[nodiscard]] pool_core& pool() const noexcept { return pool_; }
  /// Told when it has ended, its result being there.
  [[nodiscard]] end_notice& notice() noexcept { return notice_; }
  [[nodiscard]] const end_notice& notice() const noexcept { return notice_; }

  /// Emits the signal on the coroutine's executor; nothing once it has ended. Any thread, does not block; throws
  /// std::bad_alloc.
  void cancel(boost::asio::cancellation_type type);
  /// What a stopping topology asks, once: every type but the terminal one, which coroutines only see that say so.
  void request_stop() noexcept;

  void retain() noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept;

 protected:
  tracked_coroutine(task::function begin, pool_core& pool, std::size_t context) noexcept
      : task(begin, task_kind::awaited), pool_(pool), executor_(executor(pool, context).for_part()) {}
  virtual ~tracked_coroutine() = default;

  /// With its memory. The result, if nobody has taken it, goes too.
  virtual void destroy() noexcept = 0;
  /// The error that nobody has taken, or nothing.
  [[nodiscard]] virtual std::exception_ptr unclaimed() const noexcept = 0;
  virtual void fail(std::exception_ptr error) noexcept = 0;

  /// Around the launch, on the worker that begins it. False: it is not to begin any more.
  [[nodiscard]] bool register_beginning() noexcept;
  void launched();
  /// Throws std::bad_alloc.
  [[nodiscard]] strand make_strand() { return strand_.emplace(executor_); }
  [[nodiscard]] const executor& own_executor() const noexcept { return executor_; }
  [[nodiscard]] boost::asio::cancellation_slot slot() noexcept { return signal_.slot(); }

  /// The coroutine has nothing more to do; on its serial executor, unless that is gone.
  void stop_signals() noexcept;
  /// The last that happens to the coroutine: tells who waits, and the pool's gate. Any thread.
  void end() noexcept;

 private:
  friend class tracked_list;
  class emission;

  void emit(boost::asio::cancellation_type type);
  void post_emission(const std::optional<strand>& serial, boost::asio::cancellation_type type);

  pool_core& pool_;
  tracked_coroutine* next_ = nullptr;
  tracked_coroutine* previous_ = nullptr;
  end_notice notice_;
  std::atomic<std::uint32_t> owners_{2};  // handle and coroutine
  bool linked_ = false;
  bool launched_ = false;
  bool ended_ = false;
  bool asked_ = false;  // to stop, by the topology
  bool is_gone_ = false;
  bool emits_ = false;
  bool clears_at_end_ = true;
  std::atomic<bool> cancelled_{false};
  boost::asio::cancellation_type pending_ = boost::asio::cancellation_type::none;
  boost::asio::cancellation_signal signal_;
  executor executor_;
  std::optional<strand> strand_;
};

}  // namespace pinfold::detail
