// An asynchronous operation, and its last stage: its result goes to the handler, on the handler's executor.
#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include <pinfold/detail/completion.hpp>
#include <pinfold/detail/counted_call.hpp>
#include <pinfold/detail/handler_executor.hpp>
#include <pinfold/detail/outcome.hpp>
#include <pinfold/detail/pool_core.hpp>
#include <pinfold/detail/slab.hpp>
#include <pinfold/detail/task.hpp>
#include <pinfold/executor.hpp>

namespace pinfold::detail {

/// State of one operation, of type `Operation` (which derives from this), until its handler is called. In a slot of the
/// pool that does the work while one is free and large enough, else from the handler's associated allocator; freed
/// before the handler is called.
///
/// To a pool's executor the operation itself is handed, as a task. Any other executor gets a function of two pointers,
/// in memory of the pool's slots if the handler names no allocator.
template <class Operation, class R, class Handler>
class async_operation : public task {
 public:
  /// Throws what the handler's move or its allocator throws.
  template <class... Arguments>
  static Operation& make(pool_core& pool, Handler&& handler, Arguments&&... arguments) {
    const auto allocator = boost::asio::get_associated_allocator(handler);
    auto* const bytes = allocate_item<Operation>(pool.operations(), allocator);
    try {
      return *std::construct_at(bytes, pool, std::move(handler), std::forward<Arguments>(arguments)...);
    } catch (...) {
      deallocate_item(pool.operations(), allocator, bytes);
      throw;
    }
  }

  /// Without a call of the handler.
  void destroy() noexcept {
    pool_core& pool = pool_;
    const auto allocator = boost::asio::get_associated_allocator(handler_);
    auto* const self = static_cast<Operation*>(this);
    std::destroy_at(self);
    deallocate_item(pool.operations(), allocator, self);
  }

 protected:
  using handler_executor = boost::asio::associated_executor_t<Handler, executor>;

  /// The pool's executor is the handler's, unless it has its own.
  // NOLINTNEXTLINE(bugprone-crtp-constructor-accessibility): what operations of a kind share derives from it, too
  async_operation(task::function first, pool_core& pool, Handler&& handler)
      : task(first, task_kind::awaited),
        pool_(pool),
        work_(boost::asio::get_associated_executor(handler, executor(pool, pool_core::any_context))),
        handler_(std::move(handler)) {}
  // The checks want a deleted constructor public, and no constructor of such a class public.
  // NOLINTBEGIN(bugprone-crtp-constructor-accessibility,modernize-use-equals-delete)
  async_operation(const async_operation&) = delete;
  async_operation& operator=(const async_operation&) = delete;
  // NOLINTEND(bugprone-crtp-constructor-accessibility,modernize-use-equals-delete)
  ~async_operation() = default;

  [[nodiscard]] pool_core& pool() const noexcept { return pool_; }
  [[nodiscard]] Handler& handler() noexcept { return handler_; }
  [[nodiscard]] outcome<R>& result() noexcept { return result_; }

  /// Whether the handler's executor is a pool's own.
  [[nodiscard]] bool goes_to_a_pool() const noexcept { return pool_behind(work_.executor()).has_value(); }

  /// Calls `connect(slot)` with the handler's cancellation slot, if it has one. Throws what that throws, which ends the
  /// operation without a call of its handler.
  template <class Connect>
  void make_cancellable(const Connect& connect) {
    try {
      auto slot = boost::asio::get_associated_cancellation_slot(handler_);
      if (slot.is_connected()) connect(slot);
    } catch (...) {
      destroy();
      throw;
    }
  }

  /// Hands the operation to the handler's executor, which it must not touch any more. `now`: the handler may be called
  /// right here, where the executor would do that. `of_part`: the caller holds work of the pool that does not end
  /// before this call; then a pool of the same topology takes the operation. Throws what the executor or the handler
  /// called here throws.
  void complete(bool now, admission as = admission::of_new_work) {
    const auto& executor = work_.executor();
    if (const auto target = pool_behind(executor)) {
      if (now && target->is_here) {
        call_handler();
      } else {
        run = &run_handler;
        target_ = target->pool;
        const bool is_part = as == admission::of_part && target_->shares_topology(pool_);
        target_->submit_or_discard(*this, &discard, target->context, is_part ? admission::of_part : target->as);
      }
      return;
    }
    if constexpr (erased_executor<std::remove_cvref_t<decltype(executor)>>) {
      // Through any_io_executor a function loses its allocator.
      using of_context = boost::asio::io_context::executor_type;
      using of_context_tracked = std::remove_cvref_t<decltype(boost::asio::prefer(
          std::declval<of_context>(), boost::asio::execution::outstanding_work.tracked))>;
      if (const auto* target = executor.template target<of_context>()) return hand_to(of_context(*target), now);
      if (const auto* target = executor.template target<of_context_tracked>()) {
        return hand_to(of_context_tracked(*target), now);
      }
    }
    hand_to(std::remove_cvref_t<decltype(executor)>(executor), now);
  }

  /// The same; what it throws goes to the topology's handler.
  void complete_or_report(bool now, admission as = admission::of_new_work) noexcept {
    pool_core& pool = pool_;
    try {
      complete(now, as);
    } catch (...) {
      pool.report_escaped(std::current_exception());
    }
  }

  /// The same as complete() from a thread that nothing may count, whatever becomes of the topology: its stop waits for
  /// this call, and while it drains its pools take the operation. Where it has stopped, as new work.
  void complete_counted(bool now) {
    const counted_call call(pool_);
    if (!call) return complete(now);
    const acts_as_accepted_work as_work(pool_.topology());
    complete(now, admission::of_part);
  }

 private:
  /// Owns the operation until it is called.
  class delivery {
   public:
    using allocator_type =
        std::conditional_t<std::is_same_v<boost::asio::associated_allocator_t<Handler>, std::allocator<void>>,
                           slab_allocator<void>, boost::asio::associated_allocator_t<Handler>>;

    explicit delivery(async_operation& operation) noexcept : operation_(&operation) {}
    delivery(delivery&& other) noexcept : operation_(std::exchange(other.operation_, nullptr)) {}
    ~delivery() {
      if (operation_ != nullptr) operation_->destroy();
    }

    [[nodiscard]] allocator_type get_allocator() const noexcept {
      if constexpr (std::is_same_v<allocator_type, slab_allocator<void>>) {
        return slab_allocator<void>(operation_->pool_.slab());
      } else {
        return boost::asio::get_associated_allocator(operation_->handler_);
      }
    }

    void operator()() { std::exchange(operation_, nullptr)->call_handler(); }

   private:
    async_operation* operation_;
  };

  template <class Executor>
  void hand_to(const Executor& executor, bool now) {
    if (now) {
      boost::asio::dispatch(executor, delivery(*this));
    } else {
      boost::asio::post(executor, delivery(*this));
    }
  }

  // Nothing of the operation is left when the handler is called, or when it returns: what the handler's executor
  // belongs to may end with the pool's work.
  void call_handler() {
    const auto work = std::move(work_);
    outcome<R> result = std::move(result_);
    Handler handler = std::move(handler_);
    if (auto slot = boost::asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
    pool_core& pool = pool_;
    const auto allocator = boost::asio::get_associated_allocator(handler);
    auto* const self = static_cast<Operation*>(this);
    std::destroy_at(self);
    deallocate_item(pool.operations(), allocator, self);
    call_with(std::move(handler), std::move(result));
  }

  static void run_handler(task& item) noexcept {
    auto& self = static_cast<async_operation&>(item);
    pool_core& target = *self.target_;
    try {
      self.call_handler();
    } catch (...) {
      target.report_escaped(std::current_exception());
    }
    target.finished();
  }

  static void discard(task& item) noexcept { static_cast<async_operation&>(item).destroy(); }

  pool_core& pool_;
  pool_core* target_ = nullptr;
  work_on<handler_executor> work_;
  Handler handler_;
  outcome<R> result_;
};

}  // namespace pinfold::detail
