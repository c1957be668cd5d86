// Starts a coroutine that its pool tracks.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <pinfold/async_task.hpp>
#include <pinfold/detail/async_task_state.hpp>
#include <pinfold/detail/completion.hpp>
#include <pinfold/detail/operation_aborted.hpp>
#include <pinfold/detail/shared_ref.hpp>

namespace pinfold::detail {

template <class T>
struct awaitable_traits {
  static constexpr bool is_awaitable = false;
};
template <class R, class Executor>
struct awaitable_traits<boost::asio::awaitable<R, Executor>> {
  static constexpr bool is_awaitable = true;
  using result = R;
  using executor_type = Executor;
};

/// A coroutine that has not begun.
template <class Body>
concept is_awaitable = awaitable_traits<std::decay_t<Body>>::is_awaitable;

/// A function that returns one.
template <class Body>
concept coroutine_function = requires(std::decay_t<Body>& f) {
  { std::invoke(f) } -> is_awaitable;
};

template <class Body>
struct coroutine_of : awaitable_traits<std::invoke_result_t<Body&>> {};
template <is_awaitable Body>
struct coroutine_of<Body> : awaitable_traits<Body> {};

/// State and start of a coroutine, in a slot of the pool's slab for operations or on the heap. `Serial`: one thread
/// serves the pool's executor.
template <class Body, bool Serial>
class spawned_coroutine final : public async_task_state<typename coroutine_of<Body>::result> {
  using result = typename coroutine_of<Body>::result;
  using signature = typename completion_signature<result>::type;
  using base = async_task_state<result>;
  using awaitable_executor = typename coroutine_of<Body>::executor_type;
  using serial_executor = std::conditional_t<Serial, executor, tracked_coroutine::strand>;

  static_assert(
      std::is_convertible_v<serial_executor, awaitable_executor>,
      "several threads serve this pool, so a tracked coroutine runs on a strand of it: make it an awaitable<R>. "
      "(An awaitable<R, S> with S = asio::strand<pinfold::executor> is taken, too; in it the token of an "
      "operation must be asio::use_awaitable_t<S>.)");

 public:
  /// Throws pool_stopped, and what moving the body throws.
  template <class From>
  static async_task<result> start(pool_core& pool, From&& body) {
    spawned_coroutine& self = make(pool, std::forward<From>(body));
    try {
      pool.submit(self, self.own_executor().context());
    } catch (...) {
      self.destroy();
      throw;
    }
    return async_task<result>(shared_ref<base>(self));
  }

  template <class From>
  spawned_coroutine(pool_core& pool, From&& body)
      : base(&run_begin, pool, pool.choose_context()), body_(std::in_place, std::forward<From>(body)) {}

 private:
  /// The coroutine has ended when its frame is gone and its receiver, too. A coroutine that another executor resumes
  /// ends on a thread of that, and its receiver is called at home, before or after.
  class half {
   public:
    half() = default;
    explicit half(spawned_coroutine& owner) noexcept : owner_(&owner) {}
    half(half&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    half& operator=(half&& other) noexcept {
      std::swap(owner_, other.owner_);
      return *this;
    }
    ~half() {
      if (owner_ != nullptr && owner_->halves_.fetch_sub(1, std::memory_order_acq_rel) == 1) owner_->finish();
    }
    [[nodiscard]] spawned_coroutine* owner() const noexcept { return owner_; }

   private:
    spawned_coroutine* owner_ = nullptr;
  };

  /// What co_spawn keeps in its frame; it goes after the body.
  class function {
   public:
    // A body whose move throws has no frame.
    explicit function(spawned_coroutine& owner) : body_(std::move(*owner.body_)) { frame_ = half(owner); }

    auto operator()() {
      if constexpr (is_awaitable<Body>) {
        return std::move(body_);
      } else {
        return std::invoke(body_);
      }
    }

   private:
    half frame_;
    Body body_;
  };

  /// The handler of co_spawn. It names no executor, so that the signal's receiver acts where the signal is emitted.
  class receiver {
   public:
    using cancellation_slot_type = boost::asio::cancellation_slot;

    explicit receiver(spawned_coroutine& owner) noexcept : half_(owner) {}
    receiver(receiver&&) noexcept = default;
    receiver& operator=(receiver&&) = delete;
    ~receiver() {
      if (half_.owner() != nullptr) half_.owner()->stop_signals();
    }

    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return half_.owner()->slot(); }

    template <class... Value>
    void operator()(std::exception_ptr error, Value&&... value) const {
      half_.owner()->set_result(std::move(error), std::forward<Value>(value)...);
    }

   private:
    half half_;
  };

  template <class From>
  static spawned_coroutine& make(pool_core& pool, From&& body) {
    auto* const bytes = allocate_item<spawned_coroutine>(pool.operations(), std::allocator<void>());
    try {
      return *std::construct_at(bytes, pool, std::forward<From>(body));
    } catch (...) {
      deallocate_item(pool.operations(), std::allocator<void>(), bytes);
      throw;
    }
  }

  void destroy() noexcept override {
    pool_core& pool = this->pool();
    std::destroy_at(this);
    deallocate_item(pool.operations(), std::allocator<void>(), this);
  }

  // The gate's count of this task goes on as the coroutine's; what runs here is its first step, a piece of work like
  // those that come through its executor.
  static void run_begin(task& item) noexcept {
    auto& self = static_cast<spawned_coroutine&>(item);
    pool_core& pool = self.pool();
    pool.gate().enter_part(1, holding::no);
    self.begin();
    pool.finished();
  }

  void begin() noexcept {
    const auto alive = shared_ref<spawned_coroutine>::another(*this);
    if (!this->register_beginning()) {
      body_.reset();
      finish();
      return;
    }
    bool begins = false;
    try {
      const serial_executor serial = make_serial();
      function body(*this);
      begins = true;
      body_.reset();
      boost::asio::co_spawn(serial, std::move(body), receiver(*this));
      this->launched();
    } catch (...) {
      if (begins) {
        this->pool().report_escaped(std::current_exception());
      } else {
        body_.reset();
        this->fail(std::current_exception());
        finish();
      }
    }
  }

  [[nodiscard]] serial_executor make_serial() {
    if constexpr (Serial) {
      return this->own_executor();
    } else {
      return this->make_strand();
    }
  }

  // One that ends without a result was cancelled before it began, or destroyed by what it waited for.
  void finish() noexcept {
    if (!this->has_result()) this->fail(operation_aborted());
    this->end();
  }

  std::optional<Body> body_;
  std::atomic<int> halves_{2};
};

template <bool Serial, class Body>
auto spawn_async_in(pool_core& pool, Body&& body) {
  return spawned_coroutine<std::decay_t<Body>, Serial>::start(pool, std::forward<Body>(body));
}

}  // namespace pinfold::detail
